/** Reads the request from CGI variables and writes the response as a CGI reply (RFC 3875). */
import { encodeText } from '../bytes.ts';
import { host } from '../host.ts';
import { ReadableStream } from '../streams/readable.ts';
import { toBytes } from './body.ts';
import { Headers } from './headers.ts';
import { LazyRequest, Request } from './request.ts';
import { Response } from './response.ts';
import { ByteSource } from './source.ts';

const PIECE_BYTES = 65_536;

/** Matches variables of CGI and of the runtime; all others are configuration. */
const CGI =
  /^(?:HTTP_.*|HTTPS|(?:REQUEST|SERVER|REMOTE)_.*|SCRIPT_NAME|PATH_INFO|QUERY_STRING|CONTENT_(?:TYPE|LENGTH)|GATEWAY_INTERFACE|(?:RUN|WORKER|HANDLER)_ID)$/;

type Variables = Readonly<Record<string, string>>;

let variables: Variables | undefined;
let known: Variables | undefined;

function environment(): Variables {
  variables ??= Object.fromEntries(
    host()
      .environment()
      .map((pair) => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
  );
  return variables;
}

export function configuration(): Variables {
  known ??= Object.fromEntries(Object.entries(environment()).filter(([name]) => !CGI.test(name)));
  return known;
}

const variable = (name: string): string | undefined => host().variable(name);

export function readRequest(): Request {
  const method = variable('REQUEST_METHOD') ?? 'GET';
  const mayHaveBody = method !== 'GET' && method !== 'HEAD' && variable('CONTENT_LENGTH') !== '0';
  const body = mayHaveBody ? new ByteSource(() => host().read(PIECE_BYTES)) : null;
  return new Request(new LazyRequest(method, requestUrl, requestHeaders, body));
}

/** The path is the part after the handler's name, so that a handler does not depend on its name. */
function requestUrl(): string {
  const scheme = variable('HTTPS') === 'on' ? 'https' : 'http';
  const authority =
    variable('HTTP_HOST') ?? `${variable('SERVER_NAME')}:${variable('SERVER_PORT')}`;
  // SCRIPT_NAME is decoded and REQUEST_URI is not, but both have the same segments.
  const script = variable('SCRIPT_NAME') ?? '';
  const uri = variable('REQUEST_URI') ?? '/';
  const path = uri.split('?', 1)[0] ?? '';
  let from = -1;
  for (let rest = script.split('/').length; rest > 0; rest--) {
    from = path.indexOf('/', from + 1);
    if (from < 0) break;
  }
  return `${scheme}://${authority}/${from < 0 ? queryOf(uri) : uri.slice(from + 1)}`;
}

/** Returns the query of `/run/hello?x`, in which no slash follows the name. */
function queryOf(uri: string): string {
  const mark = uri.indexOf('?');
  return mark < 0 ? '' : uri.slice(mark);
}

function requestHeaders(): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(environment())) {
    if (name.startsWith('HTTP_')) headers.set(name.slice(5).replaceAll('_', '-'), value);
  }
  const type = variable('CONTENT_TYPE');
  const length = variable('CONTENT_LENGTH');
  if (type !== undefined) headers.set('content-type', type);
  if (length !== undefined) headers.set('content-length', length);
  return headers;
}

/** Whether the head has been written. A later failure can only break off the response. */
let isBegun = false;

export function hasBegun(): boolean {
  return isBegun;
}

/** Writes the reply. For a stream, returns a promise that resolves when the body is complete, and rejects if it fails. */
export function writeReply(response: Response, isHead: boolean): Promise<void> | undefined {
  const given = response.takeContent();
  const content = typeof given === 'string' ? encodeText(given) : given;
  const length = content instanceof Uint8Array ? content.length : undefined;
  let head = `Status: ${response.status}${response.statusText === '' ? '' : ` ${response.statusText}`}\n`;
  head += response.headers.toLines();
  // CGI requires a type for a body.
  if (content !== null && !response.headers.has('content-type')) {
    head += 'content-type: application/octet-stream\n';
  }
  if (length !== undefined && !response.headers.has('content-length')) {
    head += `content-length: ${length}\n`;
  }
  isBegun = true;
  host().write(`${head}\n`);
  if (isHead || content === null) return undefined;
  if (!(content instanceof Uint8Array))
    return writeStream(content instanceof ByteSource ? content.stream() : content);
  host().write(content);
  return undefined;
}

async function writeStream(stream: ReadableStream): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    if (!host().write(toBytes(value))) {
      await reader.cancel(new TypeError('The caller has gone'));
      return;
    }
  }
}
