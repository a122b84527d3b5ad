//! An HTTP client: writes the request to an opened http:// or https:// URL, and reads the response from it.

use crate::stream::{Error, Stream};
use std::io::{Read, Write};

/// The response of a server.
pub struct Reply {
    pub status: u16,
    /// Names in lower case, and values without surrounding spaces.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// Returns a header by its name in lower case; `None` if it was not sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text. Bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub fn get(url: &str) -> Result<Reply, Error> {
    send("GET", url, &[], b"")
}

pub fn post(url: &str, content_type: &str, body: &[u8]) -> Result<Reply, Error> {
    send("POST", url, &[("Content-Type", content_type)], body)
}

/// Sends a request and waits for the whole response.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Reply, Error> {
    let rest = url.split_once("://").ok_or(Error::InvalidArgument)?.1;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let path = path.split('#').next().unwrap_or("");
    let slash = if path.starts_with('/') { "" } else { "/" };

    let mut request = format!("{method} {slash}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() || method == "POST" {
        request += &format!("Content-Length: {}\r\n", body.len());
    }
    request += "\r\n";

    let mut stream = Stream::open(url)?;
    let mut bytes = Vec::new();
    let exchange = stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.write_all(body))
        .and_then(|()| stream.flush())
        .and_then(|()| stream.read_to_end(&mut bytes));
    exchange.map_err(|_| Error::Unknown)?;
    parse(&bytes).ok_or(Error::Unknown)
}

/// The host has removed transfer codings, so everything after the empty line is the body.
fn parse(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_string()))
        .collect();
    Some(Reply { status, headers, body: bytes[end + 4..].to_vec() })
}
