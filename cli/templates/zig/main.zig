//! A handler. It starts once per request, answers it, and ends: the next request gets fresh memory.
//! The library `olin` is the folder olin/.
const std = @import("std");
const olin = @import("olin");

/// Writes the message of a panic to the log before it traps.
pub const panic = olin.panic;

const text = "text/plain; charset=utf-8";
const largest_name = 4096;

export fn _start() void {
    const request = olin.Request.fromEnv();
    // The path is the part of the URL after the handler's name: empty or "/" for the handler itself.
    if (request.path.len > 1) {
        olin.respond(404, text);
        return olin.print("There is nothing at {s}.\n", .{request.path});
    }
    if (std.mem.eql(u8, request.method, "POST")) {
        // The body comes from standard input.
        const body = olin.stdin().reader().readAllAlloc(olin.allocator, largest_name) catch {
            olin.respond(413, text);
            return olin.print("A name has at most {d} bytes.\n", .{largest_name});
        };
        return greet(std.mem.trim(u8, body, " \r\n"));
    }
    // The decoded query parameter: Ada in /?name=Ada.
    greet(request.query("name") orelse "world");
}

fn greet(name: []const u8) void {
    olin.respond(200, text);
    olin.print("Hello, {s}!\n", .{name});
}
