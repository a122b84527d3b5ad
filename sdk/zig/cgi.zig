//! HTTP handlers: the request is in the environment and standard input, the response goes to standard output.
const std = @import("std");
const olin = @import("olin.zig");

/// The request that this run answers.
pub const Request = struct {
    method: []const u8,
    /// The path below the handler, such as `/hello`.
    path: []const u8,
    /// The query string without the question mark, not decoded.
    query_string: []const u8,

    pub fn fromEnv() Request {
        return .{
            .method = olin.env("REQUEST_METHOD") orelse "GET",
            .path = olin.env("PATH_INFO") orelse "/",
            .query_string = olin.env("QUERY_STRING") orelse "",
        };
    }

    /// Returns a header by its CGI name, such as `USER_AGENT`; null if it was not sent.
    pub fn header(_: Request, comptime name: []const u8) ?[]const u8 {
        return olin.env("HTTP_" ++ name);
    }

    /// Returns a query parameter, decoded; null if it is absent.
    pub fn query(self: Request, name: []const u8) ?[]const u8 {
        var fields = std.mem.splitScalar(u8, self.query_string, '&');
        while (fields.next()) |pair| {
            const equals = std.mem.indexOfScalar(u8, pair, '=') orelse pair.len;
            if (!std.mem.eql(u8, decodeField(pair[0..equals]), name)) continue;
            return decodeField(pair[@min(equals + 1, pair.len)..]);
        }
        return null;
    }

    /// Parses a query parameter as an integer, clamped to the bounds. Returns the fallback if it is no number.
    pub fn number(self: Request, name: []const u8, fallback: u32, least: u32, most: u32) u32 {
        const text = self.query(name) orelse return fallback;
        const value = std.fmt.parseInt(u32, text, 10) catch return fallback;
        return std.math.clamp(value, least, most);
    }
};

/// Sends the headers of a response. What is then written to standard output is the body.
pub fn respond(status: u16, content_type: []const u8) void {
    olin.print("Status: {d}\nContent-Type: {s}\n\n", .{ status, content_type });
}

/// Decodes the encoding of forms: `+` is a space, `%41` is a byte. Invalid escapes are not changed.
pub fn decodeField(text: []const u8) []const u8 {
    const decoded = olin.allocator.alloc(u8, text.len) catch @panic("out of memory");
    var length: usize = 0;
    var i: usize = 0;
    while (i < text.len) : (i += 1) {
        decoded[length] = if (text[i] == '+') ' ' else text[i];
        if (text[i] == '%' and i + 2 < text.len) {
            if (std.fmt.parseInt(u8, text[i + 1 .. i + 3], 16) catch null) |byte| {
                decoded[length] = byte;
                i += 2;
            }
        }
        length += 1;
    }
    return decoded[0..length];
}

/// Formats text escaped for HTML and XML, for content and quoted attributes: `print("{}", .{html(text)})`.
pub fn html(text: []const u8) std.fmt.Formatter(formatHtml) {
    return .{ .data = text };
}

fn formatHtml(text: []const u8, comptime _: []const u8, _: std.fmt.FormatOptions, writer: anytype) !void {
    for (text) |byte| switch (byte) {
        '&' => try writer.writeAll("&amp;"),
        '<' => try writer.writeAll("&lt;"),
        '>' => try writer.writeAll("&gt;"),
        '"' => try writer.writeAll("&quot;"),
        '\'' => try writer.writeAll("&#39;"),
        else => try writer.writeByte(byte),
    };
}
