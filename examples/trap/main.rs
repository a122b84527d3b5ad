//! What becomes of a program that goes wrong: it is stopped, and the host tells where, function by function.
//! Give a word: panic, divide, index, unreachable or recurse.

use olin::{args, println};

olin::main!(choose(args().first().map_or("", String::as_str)));

// Functions are kept apart so that the backtrace names each of them.
#[inline(never)]
fn choose(word: &str) {
    println!("about to go wrong: {word}");
    match word {
        "panic" => panic!("out of ideas"),
        "divide" => println!("{}", divide(1, word.len() as i32 - 6)),
        "index" => println!("{}", index(word.len())),
        "unreachable" => reach_the_unreachable(),
        "recurse" => println!("{}", recurse(1)),
        _ => println!("nothing went wrong"),
    }
}

#[inline(never)]
fn divide(number: i32, by: i32) -> i32 {
    number / by // Rust looks first: by zero it panics
}

#[inline(never)]
fn index(at: usize) -> u8 {
    let digits = [1, 2, 3];
    digits[at] // and before each index
}

#[inline(never)]
fn reach_the_unreachable() {
    core::arch::wasm32::unreachable() // an instruction that traps, and does nothing else
}

#[inline(never)]
fn recurse(depth: u64) -> u64 {
    // Each call keeps 4 KiB on the stack, which has 1 MiB. Below it there is nothing: a write there traps.
    let kept = [depth; 512];
    let here = unsafe { kept.as_ptr().read_volatile() }; // the compiler must believe that `kept` is needed
    if here == u64::MAX { 0 } else { recurse(here + 1) + here }
}
