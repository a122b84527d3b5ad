//! An HTTP client: writes the request to an opened http:// or https:// URL, and reads the response from it.
const std = @import("std");
const olin = @import("olin.zig");

/// The response of a server.
pub const Reply = struct {
    status: u16,
    /// The status line and the header lines, unchanged.
    head: []const u8,
    body: []const u8,
};

/// Fetches the URL.
pub fn get(url: []const u8) !Reply {
    const scheme = std.mem.indexOf(u8, url, "://") orelse return error.InvalidArgument;
    const rest = url[scheme + 3 ..];
    const end = std.mem.indexOfAny(u8, rest, "/?#") orelse rest.len;
    const path = rest[end .. std.mem.indexOfScalar(u8, rest, '#') orelse rest.len];
    const slash = if (std.mem.startsWith(u8, path, "/")) "" else "/";

    const stream = try olin.Stream.open(url);
    defer stream.close();
    var buffered = std.io.bufferedWriter(stream.writer());
    try buffered.writer().print(
        "GET {s}{s} HTTP/1.1\r\nHost: {s}\r\nConnection: close\r\n\r\n",
        .{ slash, path, rest[0..end] },
    );
    try buffered.flush();
    try stream.flush();
    const all = try stream.reader().readAllAlloc(olin.allocator, std.math.maxInt(usize));
    const head = std.mem.indexOf(u8, all, "\r\n\r\n") orelse return error.Unknown;
    if (head < 12) return error.Unknown;
    return .{
        .status = try std.fmt.parseInt(u16, all[9..12], 10),
        .head = all[0..head],
        .body = all[head + 4 ..],
    };
}
