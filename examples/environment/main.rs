//! The environment of a handler: the variables of CGI (RFC 3875), headers as HTTP_*, and three of Olin's own.
//! `/?only=PATH_INFO` responds with one of them.

use olin::{env, Request, Response};

const VARIABLES: [&str; 17] = [
    // The request line and the URL.
    "REQUEST_METHOD",
    "REQUEST_URI",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    // The body, which is read from standard input.
    "CONTENT_TYPE",
    "CONTENT_LENGTH",
    // The server and the caller.
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "SERVER_SOFTWARE",
    "GATEWAY_INTERFACE",
    "REMOTE_ADDR",
    // A header `X-Name: …` is HTTP_X_NAME.
    "HTTP_ACCEPT",
    "HTTP_X_NAME",
    // The handler and the run.
    "HANDLER_ID",
    "RUN_ID",
];

olin::main!({
    let request = Request::from_env();
    let only = request.query("only");

    let mut text = String::new();
    for name in VARIABLES {
        if only.as_deref().unwrap_or(name) == name {
            let value = env::get(name).unwrap_or_else(|| "(not set)".into());
            text += &format!("{name} = {value}\n");
        }
    }

    if text.is_empty() {
        Response::new(404).send("text/plain; charset=utf-8", "There is no variable of that name here.\n");
    } else {
        Response::new(200).send("text/plain; charset=utf-8", text);
    }
});
