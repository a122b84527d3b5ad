//! Fetches a file over HTTP and responds with its content. The URL is in the environment, like all configuration.

use olin::{env, http, log, Request, Response};

const TEXT: &str = "text/plain; charset=utf-8";

olin::main!({
    let request = Request::from_env();
    let url = match env::get("GREETING_URL") {
        Some(url) => url,
        None => return Response::new(500).send(TEXT, "GREETING_URL is not set.\n"),
    };

    // The library writes an HTTP/1.1 request to a resource and reads the response from it.
    let reply = match http::get(&url) {
        Ok(reply) => reply,
        Err(why) => {
            log::error(&format!("{url}: {why:?}"));
            return Response::new(502).send(TEXT, "Nobody answers there.\n");
        }
    };
    if reply.status != 200 {
        return Response::new(502).send(TEXT, format!("The other side answered {}.\n", reply.status));
    }

    // The body is {"greeting":"…"}: the text between the third and the fourth quotation mark.
    let json = reply.text();
    let greeting = json.split('"').nth(3).unwrap_or("nothing");
    let name = request.query("name").unwrap_or_else(|| "you".into());
    Response::new(200).send(TEXT, format!("For {name}: {greeting}\n"));
});
