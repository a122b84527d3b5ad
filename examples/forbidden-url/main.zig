//! Opens the URLs it is told to. Which of them it may is not up to the program: the policy decides, and a refusal
//! is not an error to handle but the end of the run.
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
