//! Streams: standard input, output and error, and resources opened by URL.

use crate::raw;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicI32, Ordering};

/// An open descriptor. It implements [`Read`] and [`Write`].
pub struct Stream {
    fd: i32,
    /// Whether the descriptor is closed when the value is dropped. Standard streams stay open.
    owned: bool,
}

static STDIN: AtomicI32 = AtomicI32::new(-1);
static STDOUT: AtomicI32 = AtomicI32::new(-1);
static STDERR: AtomicI32 = AtomicI32::new(-1);

/// Returns standard input: for a handler, the body of the request.
pub fn stdin() -> Stream {
    standard(&STDIN, raw::io_get_stdin)
}

/// Returns standard output: for a handler, the response.
pub fn stdout() -> Stream {
    standard(&STDOUT, raw::io_get_stdout)
}

/// Standard error.
pub fn stderr() -> Stream {
    standard(&STDERR, raw::io_get_stderr)
}

/// Each call of the host returns a new descriptor, so the first one is reused.
fn standard(kept: &AtomicI32, get: unsafe extern "C" fn() -> i32) -> Stream {
    if kept.load(Ordering::Relaxed) < 0 {
        kept.store(unsafe { get() }, Ordering::Relaxed);
    }
    Stream { fd: kept.load(Ordering::Relaxed), owned: false }
}

impl Stream {
    /// Opens a URL. A URL that the policy forbids ends the program.
    pub fn open(url: &str) -> Result<Stream, Error> {
        let fd = check(unsafe { raw::resource_open(url.as_ptr() as usize, url.len()) })?;
        Ok(Stream { fd: fd as i32, owned: true })
    }

    /// Writes all of the text. Panics if the stream accepts no more.
    pub fn write_text(&mut self, text: &str) {
        self.write_all(text.as_bytes()).expect("the stream takes no more");
    }

    /// Reads to the end as text. Bytes that are not UTF-8 become U+FFFD.
    pub fn read_text(&mut self) -> String {
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes).expect("the stream can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match check(unsafe { raw::resource_read(self.fd, into.as_mut_ptr() as usize, into.len()) }) {
            Err(Error::EndOfFile) => Ok(0),
            other => other.map_err(io::Error::from),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let wrote = unsafe { raw::resource_write(self.fd, bytes.as_ptr() as usize, bytes.len()) };
        check(wrote).map_err(io::Error::from)
    }

    fn flush(&mut self) -> io::Result<()> {
        check(unsafe { raw::resource_flush(self.fd) })?;
        Ok(())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.owned {
            unsafe { raw::resource_close(self.fd) }
        }
    }
}

/// The error of a failed system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    Unknown,
    InvalidArgument,
    PermissionDenied,
    NotFound,
    EndOfFile,
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        io::Error::from(match error {
            Error::Unknown => io::ErrorKind::Other,
            Error::InvalidArgument => io::ErrorKind::InvalidInput,
            Error::PermissionDenied => io::ErrorKind::PermissionDenied,
            Error::NotFound => io::ErrorKind::NotFound,
            Error::EndOfFile => io::ErrorKind::UnexpectedEof,
        })
    }
}

/// Converts the result of a system call: a length or a descriptor, or a negative error code.
pub(crate) fn check(result: i32) -> Result<usize, Error> {
    match result {
        0.. => Ok(result as usize),
        -2 => Err(Error::InvalidArgument),
        -3 => Err(Error::PermissionDenied),
        -4 => Err(Error::NotFound),
        -5 => Err(Error::EndOfFile),
        _ => Err(Error::Unknown),
    }
}
