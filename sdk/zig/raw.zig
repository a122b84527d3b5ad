//! The raw imports of the Common WebAssembly API 0.2, one declaration per system call.
//! Generated from olin/abi by `node sdk/generate.ts`; do not edit.

/// Writes the value of an environment variable to the buffer.
pub extern "cwa" fn env_get(key_base: usize, key_len: usize, value_base: usize, value_len: usize) i32;

/// Opens a descriptor for standard input, which can be read.
pub extern "cwa" fn io_get_stdin() i32;

/// Opens a descriptor for standard output, which can be written.
pub extern "cwa" fn io_get_stdout() i32;

/// Opens a descriptor for standard error, which can be written.
pub extern "cwa" fn io_get_stderr() i32;

/// Adds a line to the log.
pub extern "cwa" fn log_write(level: i32, text_base: usize, text_len: usize) void;

/// Returns a random signed 32-bit number.
pub extern "cwa" fn random_i32() i32;

/// Returns a random unsigned 32-bit number.
pub extern "cwa" fn random_u32() u32;

/// Returns a random signed 64-bit number.
pub extern "cwa" fn random_i64() i64;

/// Returns a random unsigned 64-bit number.
pub extern "cwa" fn random_u64() u64;

/// Opens a resource by its URL.
pub extern "cwa" fn resource_open(url_base: usize, url_len: usize) i32;

/// Reads from the resource into the buffer.
pub extern "cwa" fn resource_read(fd: i32, data_base: usize, data_len: usize) i32;

/// Writes the bytes to the resource.
pub extern "cwa" fn resource_write(fd: i32, data_base: usize, data_len: usize) i32;

/// Closes the descriptor.
pub extern "cwa" fn resource_close(fd: i32) void;

/// Sends buffered data.
pub extern "cwa" fn resource_flush(fd: i32) i32;

/// Ends the guest immediately with an exit status.
pub extern "cwa" fn runtime_exit(status: i32) noreturn;

/// Sleeps. Other guests run meanwhile, and waiting uses no gas.
pub extern "cwa" fn runtime_msleep(ms: u32) void;

/// Writes the name of the runtime, `olin`, to the buffer.
pub extern "cwa" fn runtime_name(out_base: usize, out_len: usize) i32;

/// Returns the major version of the API. It must be equal to the version that the guest was built for.
pub extern "cwa" fn runtime_spec_major() u32;

/// Returns the minor version of the API. It must not be lower than the version that the guest was built for.
pub extern "cwa" fn runtime_spec_minor() u32;

/// Returns the number of arguments, including the name of the program.
pub extern "cwa" fn startup_arg_len() u32;

/// Writes an argument to the buffer, cut to the size of the buffer.
pub extern "cwa" fn startup_arg_at(i: u32, out_base: usize, out_len: usize) i32;

/// Returns the seconds since 1 January 1970, UTC.
pub extern "cwa" fn time_now() i64;
