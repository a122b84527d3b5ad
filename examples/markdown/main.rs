//! Markdown to HTML: headings, paragraphs, lists, quotes, code, emphasis and links.
//! POST the text, or open the page with GET for a sample.

use olin::cgi::escape_html;
use olin::{Request, Response};

const SAMPLE: &str = "# Markdown\n\nA *small* renderer, in **one** file.\n\n- lists\n- `code`\n- [links](https://example.com/)\n";

olin::main!({
    let request = Request::from_env();
    let text = if request.method == "POST" { request.text() } else { SAMPLE.into() };
    Response::new(200).send("text/html; charset=utf-8", render(&text));
});

/// Empty lines separate blocks. The first characters of a block decide its kind.
fn render(text: &str) -> String {
    let mut html = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        let level = trimmed.chars().take_while(|&letter| letter == '#').count();
        if trimmed.is_empty() {
            continue;
        } else if trimmed.starts_with("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "```").collect();
            html += &format!("<pre><code>{}\n</code></pre>\n", escape_html(&code.join("\n")));
        } else if (1..=6).contains(&level) && trimmed[level..].starts_with(' ') {
            html += &format!("<h{level}>{}</h{level}>\n", inline(trimmed[level..].trim()));
        } else if trimmed == "---" {
            html += "<hr>\n";
        } else {
            // A list, a quote or a paragraph ends at the next empty line.
            let mark = ["- ", "> "].into_iter().find(|mark| trimmed.starts_with(mark)).unwrap_or("");
            let mut block = vec![trimmed];
            while let Some(next) = lines.next_if(|next| !next.trim().is_empty()) {
                block.push(next.trim());
            }
            let block = block.iter().map(|line| inline(line.strip_prefix(mark).unwrap_or(line)));
            html += &match mark {
                "- " => format!("<ul>\n{}</ul>\n", block.map(|item| format!("<li>{item}</li>\n")).collect::<String>()),
                "> " => format!("<blockquote>{}</blockquote>\n", block.collect::<Vec<_>>().join("\n")),
                _ => format!("<p>{}</p>\n", block.collect::<Vec<_>>().join("\n")),
            };
        }
    }
    html
}

/// Renders marks inside a line. Text between two equal marks is rendered recursively, except code.
fn inline(text: &str) -> String {
    const MARKS: [(&str, &str); 4] = [("`", "code"), ("**", "strong"), ("*", "em"), ("_", "em")];
    let mut html = String::new();
    let mut rest = text;
    'next: while let Some(letter) = rest.chars().next() {
        for (mark, tag) in MARKS {
            let inside = rest.strip_prefix(mark).and_then(|after| after.split_once(mark));
            // A mark with a space on its inner side, as in 2 * 3 * 4, is plain text.
            let tight = |inside: &str| !inside.is_empty() && inside.trim() == inside;
            if let Some((inside, after)) = inside.filter(|(inside, _)| tight(inside)) {
                let content = if tag == "code" { escape_html(inside) } else { inline(inside) };
                html += &format!("<{tag}>{content}</{tag}>");
                rest = after;
                continue 'next;
            }
        }
        if let Some((label, url, after)) = link(rest) {
            html += &format!("<a href=\"{}\">{}</a>", escape_html(url), inline(label));
            rest = after;
            continue;
        }
        html += &escape_html(&letter.to_string());
        rest = &rest[letter.len_utf8()..];
    }
    html
}

/// `[label](url)`. Only web schemes become links: `javascript:` stays text.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (url, after) = rest.split_once(')')?;
    let safe = ["https://", "http://", "/", "#"].iter().any(|start| url.starts_with(start));
    safe.then_some((label, url, after))
}
