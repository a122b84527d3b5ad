/** An HTTP server and a guest's exchanges with it, for tests. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { after, before } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CallError, type ErrorName } from '../../errors.ts';
import { nodePlatform } from '../../platform/node.ts';
import type { Platform } from '../../types.ts';
import { httpScheme } from '../http.ts';
import type { Resource, Scheme, SchemeHost } from '../resource.ts';

export const encode = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** Responds with the request as the server received it. */
async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body: Buffer[] = [];
  for await (const chunk of request) body.push(Buffer.from(chunk));
  const { method, url, rawHeaders } = request;
  response.setHeader('Content-Type', 'application/json');
  response.end(
    JSON.stringify({ method, url, rawHeaders, body: Buffer.concat(body).toString('latin1') }),
  );
}

/** Responses that a test holds open. */
export const held = new Map<string, ServerResponse>();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (request.url) {
    case '/gzip': {
      const body = gzipSync('unpacked');
      response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': body.length });
      response.end(body);
      return;
    }
    case '/plain':
      response.writeHead(200, 'Fine', {
        'Content-Length': 5,
        'Set-Cookie': ['a=1', 'b=2'],
        Connection: 'keep-alive, X-Hop',
        'X-Hop': '1',
      });
      response.end('plain');
      return;
    case '/redirect':
      response.writeHead(302, { Location: '/plain' }).end();
      return;
    case '/nothing':
      response.writeHead(204).end();
      return;
    case '/broken':
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half', () => response.destroy());
      return;
    case '/held':
      response.writeHead(200).write('first');
      held.set('/held', response);
      return;
    default:
      await echo(request, response);
  }
}

const server = createServer((request, response) => void answer(request, response));
export let origin = '';
export let authority = '';
before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  authority = `127.0.0.1:${address.port}`;
  origin = `http://${authority}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

export class PolicyStop extends Error {}

export class TestHost implements SchemeHost {
  readonly platform: Platform;
  readonly controller = new AbortController();
  readonly signal = this.controller.signal;
  readonly checked: string[] = [];
  forbidden: string | undefined;
  constructor(platform: Partial<Platform> = {}) {
    this.platform = { ...nodePlatform, userAgent: 'Olin/test', ...platform };
  }
  log(): void {}
  charge(): void {}
  hold(): boolean {
    return true;
  }
  memoryRemedy(): string {
    return 'Use less.';
  }
  release(): void {}
  findFile(): undefined {}

  checkPolicy(url: string): void {
    this.checked.push(url);
    if (url === this.forbidden) throw new PolicyStop(url);
  }
}

export async function open(
  url: string,
  host: SchemeHost = new TestHost(),
  scheme: Scheme = httpScheme,
): Promise<Resource> {
  return scheme.open(url, host);
}

export async function readAll(resource: Resource, max = 4096): Promise<string> {
  let text = '';
  for (;;) {
    const chunk = await resource.read(max);
    if (chunk === null) return text;
    assert.ok(chunk.length <= max);
    text += String.fromCharCode(...chunk);
  }
}

/** Sends `request` over a new descriptor. Returns the head lines and the body of the response. */
export async function exchange(
  request: string,
  url: string = origin,
  host: SchemeHost = new TestHost(),
): Promise<{ status: string; headers: string[]; body: string }> {
  const resource = await open(url, host);
  await resource.write(encode(request));
  await resource.flush();
  const text = await readAll(resource);
  await resource.close();
  const end = text.indexOf('\r\n\r\n');
  const [status = '', ...headers] = text.slice(0, end).split('\r\n');
  return { status, headers, body: text.slice(end + 4) };
}

export interface Echo {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** Returns `request` as the server received it. */
export async function seen(request: string, url?: string, host?: SchemeHost): Promise<Echo> {
  const { body } = await exchange(request, url, host);
  const echoed: Echo = JSON.parse(new TextDecoder().decode(encode(body)));
  return echoed;
}

export function valuesOf({ rawHeaders }: Echo, name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}

/** Returns the code and message of the CallError that `act` throws. */
export async function failure(act: () => unknown, code: ErrorName): Promise<string> {
  try {
    await act();
  } catch (error) {
    assert.ok(error instanceof CallError, `not a CallError: ${String(error)}`);
    assert.equal(error.error, code);
    assert.doesNotMatch(error.message, /\.$/, 'the wrapper adds the full stop');
    return error.message;
  }
  return assert.fail('it succeeded');
}
