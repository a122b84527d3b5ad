//! Server-sent events: a response that stays open, one event at a time. In a page:
//!     new EventSource('/?count=3').onmessage = (event) => console.log(event.data);
const olin = @import("olin");

pub const panic = olin.panic;

const pause_ms = 100;

export fn _start() void {
    const request = olin.Request.fromEnv();
    const count = request.number("count", 3, 1, 50);

    // After a lost connection, the client sends the id of the last event it received: continue after it.
    const last = request.header("LAST_EVENT_ID") orelse "0";
    const start = @import("std").fmt.parseInt(u32, last, 10) catch 0;

    olin.respond(200, "text/event-stream");
    // How long a client waits before it reconnects.
    olin.print("retry: 2000\n\n", .{});

    var i: u32 = start + 1;
    while (i <= count) : (i += 1) {
        // An event is lines of `field: value`, and an empty line.
        olin.print("id: {d}\ndata: {{\"tick\":{d}}}\n\n", .{ i, i });
        olin.stdout().flush() catch return; // the client has disconnected
        olin.sleep(pause_ms);
    }
    olin.print("event: end\ndata: {{}}\n\n", .{});
}
