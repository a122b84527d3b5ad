//! Traps: the program is stopped, and the host reports the reason and the functions that led there.
//! Its argument is one of: panic, divide, index, unreachable, recurse.

use olin::{args, println};

olin::main!(choose(args().first().map_or("", String::as_str)));

// The functions are not inlined, so that the backtrace names each of them.
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
    number / by // Rust checks first, and panics for zero
}

#[inline(never)]
fn index(at: usize) -> u8 {
    let digits = [1, 2, 3];
    digits[at] // and checks each index
}

#[inline(never)]
fn reach_the_unreachable() {
    core::arch::wasm32::unreachable() // an instruction that only traps
}

#[inline(never)]
fn recurse(depth: u64) -> u64 {
    // Each call uses 4 KiB of the stack, which has 1 MiB. A write below it is out of bounds and traps.
    let kept = [depth; 512];
    let here = unsafe { kept.as_ptr().read_volatile() }; // keeps the compiler from removing `kept`
    if here == u64::MAX { 0 } else { recurse(here + 1) + here }
}
