//! Streams: standard input, output and error, and resources opened by URL.
const std = @import("std");
const raw = @import("raw.zig");

pub const Error = error{ Unknown, InvalidArgument, PermissionDenied, NotFound, EndOfFile };

/// An open descriptor.
pub const Stream = struct {
    fd: i32,

    pub const Reader = std.io.GenericReader(Stream, Error, read);
    pub const Writer = std.io.GenericWriter(Stream, Error, write);

    /// Opens a URL. A URL that the policy forbids ends the program.
    pub fn open(url: []const u8) Error!Stream {
        return .{ .fd = @intCast(try check(raw.resource_open(@intFromPtr(url.ptr), url.len))) };
    }

    /// Returns a reader of the standard library for this stream.
    pub fn reader(self: Stream) Reader {
        return .{ .context = self };
    }

    /// Returns a writer of the standard library for this stream.
    pub fn writer(self: Stream) Writer {
        return .{ .context = self };
    }

    /// Reads into the buffer. Returns the number of bytes read; 0 at the end.
    pub fn read(self: Stream, into: []u8) Error!usize {
        return check(raw.resource_read(self.fd, @intFromPtr(into.ptr), into.len)) catch |failed| switch (failed) {
            error.EndOfFile => 0,
            else => failed,
        };
    }

    /// Writes some of the bytes. Returns their number.
    pub fn write(self: Stream, bytes: []const u8) Error!usize {
        return check(raw.resource_write(self.fd, @intFromPtr(bytes.ptr), bytes.len));
    }

    /// Flushes the host's buffer.
    pub fn flush(self: Stream) Error!void {
        _ = try check(raw.resource_flush(self.fd));
    }

    pub fn close(self: Stream) void {
        raw.resource_close(self.fd);
    }
};

// Each call of the host returns a new descriptor, so the first one is reused.
var kept = [3]?Stream{ null, null, null };

/// Returns standard input: for a handler, the body of the request.
pub fn stdin() Stream {
    if (kept[0] == null) kept[0] = .{ .fd = raw.io_get_stdin() };
    return kept[0].?;
}

/// Returns standard output: for a handler, the response.
pub fn stdout() Stream {
    if (kept[1] == null) kept[1] = .{ .fd = raw.io_get_stdout() };
    return kept[1].?;
}

/// Standard error.
pub fn stderr() Stream {
    if (kept[2] == null) kept[2] = .{ .fd = raw.io_get_stderr() };
    return kept[2].?;
}

/// Converts the result of a system call: a length or a descriptor, or a negative error code.
fn check(result: i32) Error!usize {
    if (result >= 0) return @intCast(result);
    return switch (result) {
        -2 => error.InvalidArgument,
        -3 => error.PermissionDenied,
        -4 => error.NotFound,
        -5 => error.EndOfFile,
        else => error.Unknown,
    };
}
