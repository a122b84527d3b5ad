//! A handler. It starts once per request, answers it, and ends: the next request gets fresh memory.
//! The crate `olin` is the folder olin/.

use olin::{Request, Response};

const TEXT: &str = "text/plain; charset=utf-8";

olin::main!({
    let request = Request::from_env();
    match (request.method.as_str(), request.path.as_str()) {
        // The body comes from standard input.
        ("POST", "" | "/") => greet(request.text().trim()),
        // The decoded query parameter: Ada in /?name=Ada.
        (_, "" | "/") => greet(&request.query("name").unwrap_or_else(|| "world".into())),
        // The path is the part of the URL after the handler's name: empty or "/" for the handler itself.
        (_, path) => Response::new(404).send(TEXT, format!("There is nothing at {path}.\n")),
    }
});

fn greet(name: &str) {
    Response::new(200).send(TEXT, format!("Hello, {name}!\n"));
}
