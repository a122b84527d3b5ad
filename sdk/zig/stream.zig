//! What can be read and written: standard input, output and error, and whatever a URL opens.
const std = @import("std");
const raw = @import("raw.zig");

pub const Error = error{ Unknown, InvalidArgument, PermissionDenied, NotFound, EndOfFile };

/// An open descriptor.
pub const Stream = struct {
    fd: i32,

    pub const Reader = std.io.GenericReader(Stream, Error, read);
    pub const Writer = std.io.GenericWriter(Stream, Error, write);

    /// Opens what the URL names. A URL that the policy forbids ends the program.
    pub fn open(url: []const u8) Error!Stream {
        return .{ .fd = @intCast(try check(raw.resource_open(@intFromPtr(url.ptr), url.len))) };
    }

    /// The standard library's reader over this stream.
    pub fn reader(self: Stream) Reader {
        return .{ .context = self };
    }

    /// The standard library's writer over this stream.
    pub fn writer(self: Stream) Writer {
        return .{ .context = self };
    }

    /// Reads into the buffer and gives how many bytes came; 0 at the end.
    pub fn read(self: Stream, into: []u8) Error!usize {
        return check(raw.resource_read(self.fd, @intFromPtr(into.ptr), into.len)) catch |failed| switch (failed) {
            error.EndOfFile => 0,
            else => failed,
        };
    }

    /// Writes some of the bytes and gives how many.
    pub fn write(self: Stream, bytes: []const u8) Error!usize {
        return check(raw.resource_write(self.fd, @intFromPtr(bytes.ptr), bytes.len));
    }

    /// Sends what is buffered on its way.
    pub fn flush(self: Stream) Error!void {
        _ = try check(raw.resource_flush(self.fd));
    }

    pub fn close(self: Stream) void {
        raw.resource_close(self.fd);
    }
};

// Each call of the host gives a new descriptor, so the first one is kept.
var kept = [3]?Stream{ null, null, null };

/// Standard input: of a handler, the body of the request.
pub fn stdin() Stream {
    if (kept[0] == null) kept[0] = .{ .fd = raw.io_get_stdin() };
    return kept[0].?;
}

/// Standard output: of a handler, the response.
pub fn stdout() Stream {
    if (kept[1] == null) kept[1] = .{ .fd = raw.io_get_stdout() };
    return kept[1].?;
}

/// Standard error.
pub fn stderr() Stream {
    if (kept[2] == null) kept[2] = .{ .fd = raw.io_get_stderr() };
    return kept[2].?;
}

/// What a system call returned: a length or a descriptor, or the negative code of an error.
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
