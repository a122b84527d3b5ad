// A handler. It is started once for each request, answers it, and ends: the next request finds a fresh memory.
// Code at the top level runs at once. `Request` and `Response` come from the folder olin/.
import { Request, Response } from 'olin';

const TEXT = 'text/plain; charset=utf-8';
const request = new Request();

// The path is what follows the handler's name: empty or "/" at the top.
if (request.path.length > 1) {
  new Response(404).send(TEXT, 'There is nothing at ' + request.path + '.\n');
} else if (request.method == 'POST') {
  // The body comes from standard input.
  greet(request.text().trim());
} else {
  // The query: the name of /?name=Ada, decoded.
  greet(request.queryOr('name', 'world'));
}

function greet(name: string): void {
  new Response(200).send(TEXT, 'Hello, ' + name + '!\n');
}
