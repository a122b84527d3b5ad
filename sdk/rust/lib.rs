//! The Olin library for Rust: streams, the environment, CGI and an HTTP client over the raw system calls.
//!
//! ```ignore
//! use olin::println;
//!
//! olin::main!({
//!     println!("Hello, {}!", olin::env::get("NAME").unwrap_or_default());
//! });
//! ```

pub mod cgi;
pub mod http;
pub mod raw;
pub mod stream;
mod system;

pub use cgi::{Request, Response};
pub use stream::{stderr, stdin, stdout, Stream};
pub use system::*;

/// Defines the entry point `_start`. A panic is logged as an error before it traps.
#[macro_export]
macro_rules! main {
    ($body:expr) => {
        #[no_mangle]
        pub extern "C" fn _start() {
            $crate::log_panics();
            let run: fn() = || $body;
            run()
        }
    };
}

/// Writes formatted text to standard output.
#[macro_export]
macro_rules! print {
    ($($words:tt)*) => { $crate::stdout().write_text(&format!($($words)*)) };
}

/// Writes a formatted line to standard output.
#[macro_export]
macro_rules! println {
    ($($words:tt)*) => { $crate::stdout().write_text(&(format!($($words)*) + "\n")) };
}

/// Writes a formatted line to standard error.
#[macro_export]
macro_rules! eprintln {
    ($($words:tt)*) => { $crate::stderr().write_text(&(format!($($words)*) + "\n")) };
}
