// The raw imports of the Common WebAssembly API 0.2, one declaration per system call.
// Generated from olin/abi by `node sdk/generate.ts`; do not edit.

/** Writes the value of an environment variable to the buffer. */
@external("cwa", "env_get")
export declare function env_get(key_base: usize, key_len: i32, value_base: usize, value_len: i32): i32;

/** Opens a descriptor for standard input, which can be read. */
@external("cwa", "io_get_stdin")
export declare function io_get_stdin(): i32;

/** Opens a descriptor for standard output, which can be written. */
@external("cwa", "io_get_stdout")
export declare function io_get_stdout(): i32;

/** Opens a descriptor for standard error, which can be written. */
@external("cwa", "io_get_stderr")
export declare function io_get_stderr(): i32;

/** Adds a line to the log. */
@external("cwa", "log_write")
export declare function log_write(level: i32, text_base: usize, text_len: i32): void;

/** Returns a random signed 32-bit number. */
@external("cwa", "random_i32")
export declare function random_i32(): i32;

/** Returns a random unsigned 32-bit number. */
@external("cwa", "random_u32")
export declare function random_u32(): u32;

/** Returns a random signed 64-bit number. */
@external("cwa", "random_i64")
export declare function random_i64(): i64;

/** Returns a random unsigned 64-bit number. */
@external("cwa", "random_u64")
export declare function random_u64(): u64;

/** Opens a resource by its URL. */
@external("cwa", "resource_open")
export declare function resource_open(url_base: usize, url_len: i32): i32;

/** Reads from the resource into the buffer. */
@external("cwa", "resource_read")
export declare function resource_read(fd: i32, data_base: usize, data_len: i32): i32;

/** Writes the bytes to the resource. */
@external("cwa", "resource_write")
export declare function resource_write(fd: i32, data_base: usize, data_len: i32): i32;

/** Closes the descriptor. */
@external("cwa", "resource_close")
export declare function resource_close(fd: i32): void;

/** Sends buffered data. */
@external("cwa", "resource_flush")
export declare function resource_flush(fd: i32): i32;

/** Ends the guest immediately with an exit status. */
@external("cwa", "runtime_exit")
export declare function runtime_exit(status: i32): void;

/** Sleeps. Other guests run meanwhile, and waiting uses no gas. */
@external("cwa", "runtime_msleep")
export declare function runtime_msleep(ms: u32): void;

/** Writes the name of the runtime, `olin`, to the buffer. */
@external("cwa", "runtime_name")
export declare function runtime_name(out_base: usize, out_len: i32): i32;

/** Returns the major version of the API. It must be equal to the version that the guest was built for. */
@external("cwa", "runtime_spec_major")
export declare function runtime_spec_major(): u32;

/** Returns the minor version of the API. It must not be lower than the version that the guest was built for. */
@external("cwa", "runtime_spec_minor")
export declare function runtime_spec_minor(): u32;

/** Returns the number of arguments, including the name of the program. */
@external("cwa", "startup_arg_len")
export declare function startup_arg_len(): u32;

/** Writes an argument to the buffer, cut to the size of the buffer. */
@external("cwa", "startup_arg_at")
export declare function startup_arg_at(i: u32, out_base: usize, out_len: i32): i32;

/** Returns the seconds since 1 January 1970, UTC. */
@external("cwa", "time_now")
export declare function time_now(): i64;
