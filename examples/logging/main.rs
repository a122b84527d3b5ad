//! The log: lines with a level, separate from the output. The owner of a handler can read them, its callers cannot.

use olin::{args, log, println};

olin::main!({
    log::info("starting");

    for word in args() {
        match word.parse::<i32>() {
            Ok(number) if number < 0 => log::warning(&format!("{number} is below zero")),
            Ok(number) => println!("{number} squared is {}", i64::from(number).pow(2)),
            Err(why) => log::error(&format!("{word} is no number: {why}")),
        }
    }

    // The specification names three levels; the host records any other as its number.
    log::write(7, "done");
});
