// A handler. It starts once per request, answers it, and ends: the next request gets fresh memory.
// It is an ordinary program for WASI: the request's head is in the environment, its body in standard input, and
// standard output is the response (CGI).
package main

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

func main() {
	// The path is the part of the URL after the handler's name: empty or "/" for the handler itself.
	path := os.Getenv("PATH_INFO")
	if len(path) > 1 {
		respond("404 Not Found", "There is nothing at "+path+".\n")
		return
	}
	if os.Getenv("REQUEST_METHOD") == "POST" {
		// The body comes from standard input.
		body, err := io.ReadAll(os.Stdin)
		if err != nil {
			respond("400 Bad Request", "The body cannot be read.\n")
			return
		}
		greet(strings.TrimSpace(string(body)))
		return
	}
	// The decoded query parameter: Ada in /?name=Ada.
	query, err := url.ParseQuery(os.Getenv("QUERY_STRING"))
	if err != nil || !query.Has("name") {
		greet("world")
		return
	}
	greet(query.Get("name"))
}

func greet(name string) {
	respond("200 OK", "Hello, "+name+"!\n")
}

// respond writes the head, an empty line and the body.
func respond(status, body string) {
	fmt.Printf("Status: %s\nContent-Type: text/plain; charset=utf-8\n\n%s", status, body)
}
