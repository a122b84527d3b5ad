/**
 * Listens on the loopback interface for the redirect that carries the authorization code of a sign-in (RFC 8252).
 *
 * Any open page and any local program can send requests to it. It therefore requires its own address in Host, against
 * DNS rebinding, and the state that only this sign-in knows, and it closes after one valid redirect. The code is useless
 * without the verifier.
 */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { CommandError } from '../errors.ts';

const HOST = '127.0.0.1';
const MINUTES = 5;

export interface Loopback {
  readonly port: number;
  /** The authorization code. Rejects if the user denies the request, or on a timeout. */
  readonly code: Promise<string>;
  readonly close: () => void;
}

export async function listenForCode(state: string, signal: AbortSignal): Promise<Loopback> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // Prevents an unhandled rejection if it fails before it is awaited.
  promise.catch(() => undefined);
  let port = 0;
  const server = createServer(
    { maxHeaderSize: 16_384, requestTimeout: 10_000 },
    (request, response) => {
      const result = readCallback(request, port, state);
      if (result === undefined) return send(response, 400, PAGES.refused);
      if ('code' in result) {
        send(response, 200, PAGES.done);
        resolve(result.code);
      } else {
        send(response, 200, PAGES.denied);
        reject(
          new CommandError(
            'The sign-in was refused in the browser. Nothing was changed.',
            'not-allowed',
          ),
        );
      }
      close();
    },
  );
  const timer = setTimeout(() => {
    reject(
      new CommandError(
        `Nobody signed in within ${MINUTES} minutes. Run trisiel login again.`,
        'not-allowed',
      ),
    );
    close();
  }, MINUTES * 60_000);
  const onAbort = (): void => {
    reject(new DOMException('Interrupted', 'AbortError'));
    close();
  };
  function close(): void {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    server.close();
    server.closeIdleConnections();
  }
  signal.addEventListener('abort', onAbort);
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  if (address !== null && typeof address === 'object') port = address.port;
  return { port, code: promise, close };
}

type CallbackResult = { readonly code: string } | { readonly denied: true };

/** Returns undefined if the request is not the expected redirect. */
function readCallback(
  request: IncomingMessage,
  port: number,
  state: string,
): CallbackResult | undefined {
  if (request.method !== 'GET' || request.headers.host !== `${HOST}:${port}`) return undefined;
  const url = URL.parse(request.url ?? '', `http://${HOST}:${port}`);
  if (url === null || url.pathname !== '/callback') return undefined;
  const { searchParams } = url;
  if (!isSame(searchParams.get('state') ?? '', state)) return undefined;
  if (searchParams.has('error')) return { denied: true };
  const code = searchParams.get('code');
  return code === null || code === '' ? undefined : { code };
}

function isSame(actual: string, expected: string): boolean {
  const a = Buffer.from(actual);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

const PAGES = {
  done: ['You are signed in', 'You can close this page and go back to your terminal.'],
  denied: ['Authorization denied', 'The CLI was not authorized. You can close this page.'],
  refused: [
    'Invalid request',
    'The CLI expects a different request. Start again in your terminal: trisiel login',
  ],
} as const;

function send(
  response: ServerResponse,
  status: number,
  [title, sentence]: readonly [string, string],
): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>:root{color-scheme:light dark}body{font:1.1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem}</style>
<h1>${title}</h1><p>${sentence}</p></html>
`,
  );
}
