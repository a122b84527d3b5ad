//! Fetches the URL of its first argument, and prints the status and the body.
const olin = @import("olin");

pub const panic = olin.panic;

export fn _start() void {
    const reply = olin.http.get(olin.argument(1).?) catch return olin.print("none\n", .{});
    olin.print("{d} {s}\n", .{ reply.status, reply.body });
}
