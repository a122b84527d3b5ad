//! Fetches the URL of its first argument, and prints the status and the body.
use olin::{args, http, println};

olin::main!(match http::get(&args()[0]) {
    Ok(reply) => println!("{} {}", reply.status, reply.text()),
    Err(_) => println!("none"),
});
