// A handler. It starts once per request, answers it, and ends: the next request gets fresh memory.
// Code at the top level runs when the handler starts. `Request` and `Response` come from the folder olin/.
import { Request, Response } from 'olin';

const TEXT = 'text/plain; charset=utf-8';
const request = new Request();

// The path is the part of the URL after the handler's name: empty or "/" for the handler itself.
if (request.path.length > 1) {
  new Response(404).send(TEXT, 'There is nothing at ' + request.path + '.\n');
} else if (request.method == 'POST') {
  // The body comes from standard input.
  greet(request.text().trim());
} else {
  // The decoded query parameter: Ada in /?name=Ada.
  greet(request.queryOr('name', 'world'));
}

function greet(name: string): void {
  new Response(200).send(TEXT, 'Hello, ' + name + '!\n');
}
