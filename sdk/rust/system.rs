//! Environment, arguments, log, clock, random numbers, and exit.

use crate::raw;
use crate::stream::check;

/// The environment: configuration and, for a handler, the request's headers.
pub mod env {
    use super::{check, raw};

    /// Returns the value of a variable; `None` if it is not set.
    pub fn get(name: &str) -> Option<String> {
        let ask = |value: &mut Vec<u8>| unsafe {
            let (base, length) = (value.as_mut_ptr() as usize, value.len());
            check(raw::env_get(name.as_ptr() as usize, name.len(), base, length)).ok()
        };
        let mut value = vec![0; 256];
        let mut length = ask(&mut value)?;
        if length > value.len() {
            // The value did not fit. Now its length is known.
            value.resize(length, 0);
            length = ask(&mut value)?;
        }
        value.truncate(length);
        Some(String::from_utf8_lossy(&value).into_owned())
    }
}

/// Returns the arguments, without the name of the program. Each may have up to 4096 bytes.
pub fn args() -> Vec<String> {
    let mut buffer = [0; 4096];
    (1..unsafe { raw::startup_arg_len() })
        .filter_map(|i| {
            let wrote = unsafe { raw::startup_arg_at(i, buffer.as_mut_ptr() as usize, buffer.len()) };
            let length = check(wrote).ok()?;
            Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
        })
        .collect()
}

/// Writes lines to the log of the run.
pub mod log {
    use super::raw;

    pub fn error(text: &str) {
        write(1, text)
    }
    pub fn warning(text: &str) {
        write(3, text)
    }
    pub fn info(text: &str) {
        write(6, text)
    }
    /// Any other level is logged as its number.
    pub fn write(level: i32, text: &str) {
        unsafe { raw::log_write(level, text.as_ptr() as usize, text.len()) }
    }
}

/// Random numbers from the host's secure source.
pub mod random {
    use super::raw;

    pub fn u32() -> u32 {
        unsafe { raw::random_u32() }
    }
    pub fn u64() -> u64 {
        unsafe { raw::random_u64() }
    }
}

/// Returns the seconds since 1 January 1970, UTC.
pub fn now() -> i64 {
    unsafe { raw::time_now() }
}

/// Sleeps. Other guests run meanwhile.
pub fn sleep(ms: u32) {
    unsafe { raw::runtime_msleep(ms) }
}

/// Ends the program immediately.
pub fn exit(status: i32) -> ! {
    unsafe { raw::runtime_exit(status) }
}

/// Returns the name of the runtime.
pub fn runtime_name() -> String {
    let mut buffer = [0; 32];
    let wrote = unsafe { raw::runtime_name(buffer.as_mut_ptr() as usize, buffer.len()) };
    let length = check(wrote).unwrap_or(0);
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

/// Installs a hook that logs panics as errors. [`main!`](crate::main) calls it.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| log::error(&panic.to_string())));
}
