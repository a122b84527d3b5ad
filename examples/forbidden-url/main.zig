//! Opens the URLs that its arguments name. The policy decides which of them it may open, and a refusal
//! is not an error that the program could handle: it ends the run.
const olin = @import("olin");

pub const panic = olin.panic;

export fn _start() void {
    var i: u32 = 1;
    while (olin.argument(i)) |url| : (i += 1) {
        const stream = olin.Stream.open(url) catch |failed| {
            olin.print("{s}: {s}\n", .{ url, @errorName(failed) });
            continue;
        };
        olin.print("{s}: opened\n", .{url});
        stream.close();
    }
    olin.print("done\n", .{});
}
