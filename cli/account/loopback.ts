/**
 * Where the browser brings the code of a sign-in to: a listener on this machine, for one answer (RFC 8252).
 *
 * Any page that the person has open, and any program of this machine, can send requests to it. So it asks for its own
 * address in Host (no page of another name reaches it by pointing that name here), for the state that only the sign-in
 * it began knows, and it takes one answer and closes. The code alone is worth nothing: the token needs the verifier.
 */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { CommandError } from '../errors.ts';

const HOST = '127.0.0.1';
const MINUTES = 5;

export interface Loopback {
  readonly port: number;
  /** The code. Rejects where the person said no, or nothing came. */
  readonly code: Promise<string>;
  readonly close: () => void;
}

export async function listenForCode(state: string, signal: AbortSignal): Promise<Loopback> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // A failure before anybody waits for it is told when somebody does.
  promise.catch(() => undefined);
  let port = 0;
  const server = createServer(
    { maxHeaderSize: 16_384, requestTimeout: 10_000 },
    (request, response) => {
      const answer = judge(request, port, state);
      if (answer === undefined) return send(response, 400, PAGES.refused);
      if ('code' in answer) {
        send(response, 200, PAGES.done);
        resolve(answer.code);
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

type Answer = { readonly code: string } | { readonly denied: true };

/** Undefined: this is not the answer that is waited for. */
function judge(request: IncomingMessage, port: number, state: string): Answer | undefined {
  if (request.method !== 'GET' || request.headers.host !== `${HOST}:${port}`) return undefined;
  const url = URL.parse(request.url ?? '', `http://${HOST}:${port}`);
  if (url === null || url.pathname !== '/callback') return undefined;
  const { searchParams } = url;
  if (!isSame(searchParams.get('state') ?? '', state)) return undefined;
  if (searchParams.has('error')) return { denied: true };
  const code = searchParams.get('code');
  return code === null || code === '' ? undefined : { code };
}

function isSame(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}

const PAGES = {
  done: ['You are signed in', 'You can close this page and go back to your terminal.'],
  denied: ['Nothing was changed', 'The command was not let in. You can close this page.'],
  refused: [
    'This is not for you to answer',
    'The command waits for another answer. Begin again in your terminal: trisiel login',
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
