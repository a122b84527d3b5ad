//! An HTML page with a form that leads back to it. All input is escaped in the page.
const olin = @import("olin");

pub const panic = olin.panic;

export fn _start() void {
    const request = olin.Request.fromEnv();
    const name = request.query("name") orelse "";

    olin.respond(200, "text/html; charset=utf-8");
    olin.print(
        \\<!doctype html>
        \\<html lang="en">
        \\<meta name="viewport" content="width=device-width">
        \\<title>A page from WebAssembly</title>
        \\<style>
        \\  body {{ font: 1.1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 30rem; padding: 0 1rem }}
        \\  input, button {{ font: inherit; padding: .3rem .6rem }}
        \\</style>
        \\
    , .{});

    if (name.len == 0) {
        olin.print("<h1>Who are you?</h1>\n", .{});
    } else {
        // {} with html() writes &lt; for <, so that a name cannot contain markup.
        olin.print("<h1>Hello, {}!</h1>\n", .{olin.cgi.html(name)});
    }

    olin.print(
        \\<form>
        \\  <label>Name <input name="name" value="{}"></label>
        \\  <button>Greet</button>
        \\</form>
        \\
    , .{olin.cgi.html(name)});
}
