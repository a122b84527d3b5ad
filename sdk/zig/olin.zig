//! The Olin library for Zig: streams, the environment, CGI and an HTTP client over the raw system calls.
const std = @import("std");

pub const raw = @import("raw.zig");
pub const cgi = @import("cgi.zig");
pub const http = @import("http.zig");
pub const Stream = @import("stream.zig").Stream;
pub const Request = cgi.Request;
pub const respond = cgi.respond;

const stream = @import("stream.zig");
pub const stdin = stream.stdin;
pub const stdout = stream.stdout;
pub const stderr = stream.stderr;

/// Memory for a program that lives for one request: it is never freed.
pub const allocator: std.mem.Allocator = arena.allocator();
var arena = std.heap.ArenaAllocator.init(std.heap.wasm_allocator);

/// Writes formatted text to standard output through a buffer of 4 KiB.
pub fn print(comptime format: []const u8, values: anytype) void {
    var buffered = std.io.bufferedWriter(stdout().writer());
    buffered.writer().print(format, values) catch @panic("standard output takes no more");
    buffered.flush() catch @panic("standard output takes no more");
}

/// Returns the value of an environment variable; null if it is not set.
pub fn env(name: []const u8) ?[]const u8 {
    var value: []u8 = allocator.alloc(u8, 256) catch @panic("out of memory");
    const needed = raw.env_get(@intFromPtr(name.ptr), name.len, @intFromPtr(value.ptr), value.len);
    if (needed < 0) return null;
    const length: usize = @intCast(needed);
    if (length > value.len) {
        // The value did not fit. Now its length is known.
        value = allocator.alloc(u8, length) catch @panic("out of memory");
        _ = raw.env_get(@intFromPtr(name.ptr), name.len, @intFromPtr(value.ptr), value.len);
    }
    return value[0..length];
}

/// Returns the number of arguments, including the name of the program.
pub fn argumentCount() u32 {
    return raw.startup_arg_len();
}

/// Returns an argument, cut to 4096 bytes; null after the last. Argument 0 is the name of the program.
pub fn argument(i: u32) ?[]const u8 {
    if (i >= argumentCount()) return null;
    const value = allocator.alloc(u8, 4096) catch @panic("out of memory");
    const length = raw.startup_arg_at(i, @intFromPtr(value.ptr), value.len);
    return value[0..@intCast(length)];
}

pub const Level = enum(i32) { err = 1, warning = 3, info = 6 };

/// Adds a line to the log of the run.
pub fn log(level: Level, comptime format: []const u8, values: anytype) void {
    const text = std.fmt.allocPrint(allocator, format, values) catch @panic("out of memory");
    raw.log_write(@intFromEnum(level), @intFromPtr(text.ptr), text.len);
}

/// Returns the seconds since 1 January 1970, UTC.
pub fn now() i64 {
    return raw.time_now();
}

/// Sleeps. Other guests run meanwhile.
pub fn sleep(ms: u32) void {
    raw.runtime_msleep(ms);
}

/// Ends the program immediately.
pub fn exit(status: i32) noreturn {
    raw.runtime_exit(status);
}

/// Panic handler: logs an error and then traps. Enable it with `pub const panic = olin.panic;`.
pub fn panic(message: []const u8, _: ?*std.builtin.StackTrace, _: ?usize) noreturn {
    raw.log_write(1, @intFromPtr(message.ptr), message.len);
    @trap();
}
