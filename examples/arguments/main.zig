//! Arguments and environment: the two ways to configure a program that is not a handler.
const olin = @import("olin");

pub const panic = olin.panic; // logs a panic, then traps

export fn _start() void {
    // Argument 0 is the name of the program.
    const count = olin.argumentCount();
    olin.print("{d} arguments\n", .{count});

    var i: u32 = 0;
    while (olin.argument(i)) |text| : (i += 1) {
        olin.print("{d}: {s}\n", .{ i, text });
    }

    // A variable may be set, empty, or absent: `orelse` gives the default for an absent one.
    const greeting = olin.env("GREETING") orelse "nothing";
    olin.print("GREETING is {s}\n", .{greeting});
}
