// The raw imports of the Common WebAssembly API 0.2, one declaration per system call.
// Generated from olin/abi by `node sdk/generate.ts`; do not edit.

#pragma once

#include <stddef.h>
#include <stdint.h>

#define CWA(name) __attribute__((import_module("cwa"), import_name(#name)))

// Writes the value of an environment variable to the buffer.
CWA(env_get) int32_t env_get(const void *key_base, size_t key_len, void *value_base, size_t value_len);

// Opens a descriptor for standard input, which can be read.
CWA(io_get_stdin) int32_t io_get_stdin(void);

// Opens a descriptor for standard output, which can be written.
CWA(io_get_stdout) int32_t io_get_stdout(void);

// Opens a descriptor for standard error, which can be written.
CWA(io_get_stderr) int32_t io_get_stderr(void);

// Adds a line to the log.
CWA(log_write) void log_write(int32_t level, const void *text_base, size_t text_len);

// Returns a random signed 32-bit number.
CWA(random_i32) int32_t random_i32(void);

// Returns a random unsigned 32-bit number.
CWA(random_u32) uint32_t random_u32(void);

// Returns a random signed 64-bit number.
CWA(random_i64) int64_t random_i64(void);

// Returns a random unsigned 64-bit number.
CWA(random_u64) uint64_t random_u64(void);

// Opens a resource by its URL.
CWA(resource_open) int32_t resource_open(const void *url_base, size_t url_len);

// Reads from the resource into the buffer.
CWA(resource_read) int32_t resource_read(int32_t fd, void *data_base, size_t data_len);

// Writes the bytes to the resource.
CWA(resource_write) int32_t resource_write(int32_t fd, const void *data_base, size_t data_len);

// Closes the descriptor.
CWA(resource_close) void resource_close(int32_t fd);

// Sends buffered data.
CWA(resource_flush) int32_t resource_flush(int32_t fd);

// Ends the guest immediately with an exit status.
CWA(runtime_exit) _Noreturn void runtime_exit(int32_t status);

// Sleeps. Other guests run meanwhile, and waiting uses no gas.
CWA(runtime_msleep) void runtime_msleep(uint32_t ms);

// Writes the name of the runtime, `olin`, to the buffer.
CWA(runtime_name) int32_t runtime_name(void *out_base, size_t out_len);

// Returns the major version of the API. It must be equal to the version that the guest was built for.
CWA(runtime_spec_major) uint32_t runtime_spec_major(void);

// Returns the minor version of the API. It must not be lower than the version that the guest was built for.
CWA(runtime_spec_minor) uint32_t runtime_spec_minor(void);

// Returns the number of arguments, including the name of the program.
CWA(startup_arg_len) uint32_t startup_arg_len(void);

// Writes an argument to the buffer, cut to the size of the buffer.
CWA(startup_arg_at) int32_t startup_arg_at(uint32_t i, void *out_base, size_t out_len);

// Returns the seconds since 1 January 1970, UTC.
CWA(time_now) int64_t time_now(void);

#undef CWA
