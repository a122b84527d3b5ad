/** Calls a handler over HTTP and reads the trailers, which fetch does not expose. */
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { readBill, type CallBill } from '../../client/bill.ts';
import { UnreachableError } from '../../client/errors.ts';
import { headerPairs } from '../../olin/platform/node-http.ts';
import { CommandError, UsageError } from '../errors.ts';

export interface HandlerCall {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

export interface HandlerResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Throws if the response is interrupted. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Call it after reading the body: a streamed response sends the bill in its trailers. */
  readonly bill: () => CallBill | undefined;
}

export async function callHandler(call: HandlerCall): Promise<HandlerResponse> {
  const url = new URL(call.url);
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = send(url, { method: call.method, signal: call.signal });
    for (const [name, value] of call.headers) {
      if (name.toLowerCase() === 'host') request.setHeader(name, value);
      else request.appendHeader(name, value);
    }
    request.on('response', resolve);
    request.on('error', (error) =>
      reject(call.signal.aborted ? error : new UnreachableError(url.origin)),
    );
    if (call.body !== undefined) request.setHeader('content-length', call.body.length);
    request.end(call.body);
  });
  return {
    status: message.statusCode ?? 0,
    reason: message.statusMessage ?? '',
    headers: [...headerPairs(message.rawHeaders)],
    body: readBody(message),
    bill: () => {
      const all = new Headers();
      for (const [name, value] of headerPairs([...message.rawHeaders, ...message.rawTrailers])) {
        // Headers throws for invalid names and values, which are not the platform's own.
        if (/^(trisiel-|server-timing)/i.test(name)) all.append(name, value);
      }
      return readBill(all);
    },
  };
}

async function* readBody(message: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of message) yield chunk;
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw new CommandError(
      'The response is incomplete: the handler failed while sending it.',
      'guest',
    );
  }
}

export async function readWhole(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new CommandError(`The response is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Appends a path with an optional query to a handler's URL.
 * Throws a UsageError if the path does not begin with a slash, or leads to another server or handler.
 */
export function addressOf(handlerUrl: string, path: string): string {
  const base = new URL(handlerUrl);
  if (base.protocol !== 'http:' && base.protocol !== 'https:') {
    throw new CommandError('The server returned a handler URL that is not HTTP.');
  }
  const url = path.startsWith('/')
    ? URL.parse(base.origin + base.pathname.replace(/\/$/, '') + path)
    : null;
  if (url !== null && url.origin === base.origin && url.href.startsWith(base.href)) return url.href;
  throw new UsageError(`--path is "${path}"; it must be a path that begins with a slash.`);
}

export function readHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0)).trim();
  const value = line.slice(colon + 1).trim();
  if (/^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    return [name, value];
  // The error does not quote the header, which may contain a secret.
  throw new UsageError(`--header is invalid. Write it as 'Name: value'.`);
}
