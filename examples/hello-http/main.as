// An HTTP endpoint. The host starts the program once for each request: the request is in the environment and in
// standard input, and what the program writes to standard output is the response. This protocol is CGI.
import { Request, Response } from 'olin';

const request = new Request();

// A query parameter: the `name` of /?name=Ada, decoded.
const name = request.queryOr('name', 'world');

new Response(200).send('text/plain; charset=utf-8', 'Hello, ' + name + '!\n');
