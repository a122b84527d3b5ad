//! HTTP handlers: the request is in the environment and standard input, the response goes to standard output.

use crate::{env, stdin, stdout};
use std::io::{Read, Write};

/// The request that this run answers.
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path below the handler, such as `/hello`.
    pub path: String,
    /// The query string without the question mark, not decoded.
    pub query_string: String,
}

impl Request {
    pub fn from_env() -> Request {
        Request {
            method: env::get("REQUEST_METHOD").unwrap_or_else(|| "GET".into()),
            path: env::get("PATH_INFO").unwrap_or_else(|| "/".into()),
            query_string: env::get("QUERY_STRING").unwrap_or_default(),
        }
    }

    /// Returns a header by its name, in any case; `None` if it was not sent.
    pub fn header(&self, name: &str) -> Option<String> {
        let key = name.to_ascii_uppercase().replace('-', "_");
        match key.as_str() {
            "CONTENT_TYPE" | "CONTENT_LENGTH" => env::get(&key),
            _ => env::get(&format!("HTTP_{key}")),
        }
    }

    /// Returns a query parameter, decoded; `None` if it is absent.
    pub fn query(&self, name: &str) -> Option<String> {
        field(&self.query_string, name)
    }

    /// Reads the whole body.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        stdin().read_to_end(&mut body).expect("standard input can be read");
        body
    }

    /// The body as text. Bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> String {
        stdin().read_text()
    }
}

/// A response: add headers, then send a body, or start it and write the body to [`stdout`].
pub struct Response {
    head: String,
}

impl Response {
    pub fn new(status: u16) -> Response {
        Response { head: format!("Status: {status}\n") }
    }

    pub fn header(mut self, name: &str, value: &str) -> Response {
        self.head += &format!("{name}: {value}\n");
        self
    }

    /// Sends the headers and the body.
    pub fn send(self, content_type: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        self.header("Content-Length", &body.len().to_string()).start(content_type);
        stdout().write_all(body).expect("standard output takes the body");
    }

    /// Sends the headers. What is then written to [`stdout`] is the body.
    pub fn start(self, content_type: &str) {
        stdout().write_text(&format!("Content-Type: {content_type}\n{}\n", self.head));
    }
}

/// Returns a field of a form such as `a=1&b=two+words`, decoded; `None` if it is absent.
pub fn field(form: &str, name: &str) -> Option<String> {
    form.split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(key, _)| decode_field(key) == name)
        .map(|(_, value)| decode_field(value))
}

/// Decodes the encoding of forms: `+` is a space, `%41` is a byte. Invalid escapes are not changed.
pub fn decode_field(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = (bytes[i] == b'%').then(|| text.get(i + 1..i + 3)).flatten();
        match hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                i += 3;
            }
            None => {
                decoded.push(if bytes[i] == b'+' { b' ' } else { bytes[i] });
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Escapes text for HTML and XML: for content and for quoted attributes.
pub fn escape_html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            other => safe.push(other),
        }
    }
    safe
}

/// Formats a JSON string, with its quotes.
pub fn quote_json(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\u{0}'..='\u{1f}' => quoted += &format!("\\u{:04x}", letter as u32),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}
