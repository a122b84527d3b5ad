//! A JSON API: routes, methods, a query, a body, and an error for everything else.

use olin::cgi::{field, quote_json};
use olin::{Request, Response};

const JSON: &str = "application/json";

olin::main!({
    let request = Request::from_env();
    // One line per route. A known path with another method is a 405, an unknown path a 404.
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/") => send(200, r#"{"routes":["GET /add?a=1&b=2","POST /words"]}"#),
        ("GET", "/add") => add(&request),
        ("POST", "/words") => words(&request),
        (_, "/" | "/add") => refuse(&request, "GET"),
        (_, "/words") => refuse(&request, "POST"),
        (_, path) => fail(404, &format!("There is no {path}.")),
    }
});

/// GET /add?a=1&b=2: numbers from the query.
fn add(request: &Request) {
    let number = |name| request.query(name).and_then(|text| text.parse::<i64>().ok());
    match (number("a"), number("b")) {
        (Some(a), Some(b)) => match a.checked_add(b) {
            Some(sum) => send(200, &format!(r#"{{"a":{a},"b":{b},"sum":{sum}}}"#)),
            None => fail(422, "The sum does not fit into 64 bits."),
        },
        _ => fail(400, "Give two whole numbers: /add?a=1&b=2."),
    }
}

/// POST /words with a form: text from the body.
fn words(request: &Request) {
    let content_type = request.header("Content-Type").unwrap_or_default();
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return fail(415, "Send a form: Content-Type: application/x-www-form-urlencoded.");
    }
    match field(&request.text(), "text") {
        None => fail(400, "The form has no field called text."),
        Some(text) => {
            let words: Vec<String> = text.split_whitespace().map(quote_json).collect();
            send(200, &format!(r#"{{"count":{},"words":[{}]}}"#, words.len(), words.join(",")));
        }
    }
}

fn send(status: u16, json: &str) {
    Response::new(status).send(JSON, format!("{json}\n"));
}

fn fail(status: u16, message: &str) {
    send(status, &format!(r#"{{"error":{}}}"#, quote_json(message)));
}

fn refuse(request: &Request, allowed: &str) {
    let json = format!(r#"{{"error":"{} is not allowed here."}}"#, request.method);
    Response::new(405).header("Allow", allowed).send(JSON, format!("{json}\n"));
}
