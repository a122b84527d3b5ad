/** Serves one handler locally, as an executor does, for `trisiel dev`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  answer,
  type CgiOutcome,
  type CompiledModule,
  type Limits,
  type Policy,
  type ReplyHead,
} from '../../../olin/index.ts';
import { nodePlatform } from '../../../olin/platform/node.ts';
import { bodyStream, headerPairs, writeChunk } from '../../../olin/platform/node-http.ts';
import { CommandError } from '../../errors.ts';
import { buildErrorPage } from './build-error-page.ts';

/** The current build and its settings. */
export interface Current {
  readonly name: string;
  /** The last module that was built; undefined before the first. */
  readonly module: CompiledModule | undefined;
  /** Why the current sources do not build; undefined if they do. */
  readonly failure: { readonly message: string; readonly output: string } | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly policy: Policy | undefined;
  readonly limits: Partial<Limits>;
}

/** A completed request. */
export interface ServedRequest {
  readonly method: string;
  /** The request target as sent, with the query. */
  readonly target: string;
  /** Status of the response; undefined if the caller disconnected first. */
  readonly status: number | undefined;
  /** Undefined if no guest ran. */
  readonly answered: CgiOutcome | undefined;
  readonly errorOutput: string;
}

export interface LocalServerOptions {
  /** 0 picks a free port. */
  readonly port: number;
  readonly current: () => Promise<Current>;
  readonly onServed: (served: ServedRequest) => void;
}

export interface LocalServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Response header that marks responses of the previous module while the sources do not build. */
const STALE_HEADER = 'Trisiel-Build';

export async function serveLocally(options: LocalServerOptions): Promise<LocalServer> {
  const server = createServer((request, response) => {
    serveRequest(options, request, response).catch((error: unknown) => {
      sendText(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new CommandError(`Port ${options.port} is taken. Choose another: --port 0 finds one.`)
          : error,
      );
    });
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serveRequest(
  { current, onServed }: LocalServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  const report = (status: number): void =>
    onServed({ method, target, status, answered: undefined, errorOutput: '' });
  const url = localUrl(request);
  if (url === undefined) {
    sendText(response, 403, 'Call this handler as localhost or 127.0.0.1.');
    return report(403);
  }
  const now = await current();
  const { failure, module } = now;
  if (failure !== undefined && (module === undefined || isPageVisit(request))) {
    response.writeHead(503, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      'Cache-Control': 'no-store',
    });
    response.end(method === 'HEAD' ? undefined : buildErrorPage(now.name, failure));
    return report(503);
  }
  if (module === undefined) {
    sendText(response, 503, 'The handler is being built. Try again in a moment.');
    return report(503);
  }
  const run = await runGuest(now, module, { method, url }, request, response);
  const { answered, errorOutput } = run;
  const status = response.destroyed && !response.headersSent ? undefined : response.statusCode;
  onServed({ method, target, status, answered, errorOutput });
}

async function runGuest(
  now: Current,
  module: CompiledModule,
  { method, url }: { readonly method: string; readonly url: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<{ answered: CgiOutcome; errorOutput: string }> {
  const abort = new AbortController();
  const leave = (): void => {
    if (!response.writableFinished) abort.abort();
  };
  response.once('close', leave);
  const errorOutput: Uint8Array[] = [];
  const answered = await answer(
    module,
    { method, url, headers: headerPairs(request.rawHeaders), body: bodyStream(request) },
    {
      onHead: (head) => sendHead(response, head, now.failure !== undefined),
      onBody: (chunk) => writeChunk(response, chunk),
    },
    {
      platform: nodePlatform,
      args: [`${now.name}.wasm`],
      env: now.env,
      handlerId: now.name,
      remoteAddress: request.socket.remoteAddress ?? '127.0.0.1',
      stderr: (chunk) => void errorOutput.push(chunk),
      limits: now.limits,
      abort,
      ...(now.policy === undefined ? {} : { policy: now.policy }),
    },
  );
  response.off('close', leave);
  if (answered.fault !== undefined) {
    // As in the executor: 504 for the time limit, 502 for everything else.
    const status = answered.result.trap?.code === 'time' ? 504 : 502;
    sendText(response, status, describeFault(answered));
  } else if (answered.broken !== undefined) {
    // Destroys the connection, so that the response is not mistaken for complete.
    response.destroy();
  } else response.end();
  return { answered, errorOutput: Buffer.concat(errorOutput).toString() };
}

function describeFault({ fault, result }: CgiOutcome): string {
  const frames = (result.trap?.backtrace ?? []).map((frame) => `    at ${frame}`);
  return [fault?.message ?? '', ...frames].join('\n');
}

function sendHead(response: ServerResponse, head: ReplyHead, isStale: boolean): void {
  if (response.destroyed) return;
  const headers = head.fields.flatMap(({ name, value }) => [name, value]);
  if (isStale) headers.push(STALE_HEADER, 'failed');
  response.writeHead(head.status, head.reason === '' ? undefined : head.reason, headers);
  // Sends the headers before the body, which may start later, as in an event stream.
  response.flushHeaders();
}

/** Sends a plain-text response of this server itself. */
function sendText(response: ServerResponse, status: number, sentence: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(`${sentence}\n`);
}

/**
 * The complete URL of the request. Undefined unless its host is localhost or 127.0.0.1: a foreign page whose host name
 * resolves to this machine (DNS rebinding) must not read responses.
 */
function localUrl({ headers, url }: IncomingMessage): string | undefined {
  const host = headers.host ?? '';
  if (!/^(?:[a-z0-9-]+\.)*localhost(?::\d+)?$|^127\.0\.0\.1(?::\d+)?$/i.test(host))
    return undefined;
  const whole = `http://${host}${url ?? '/'}`;
  return URL.canParse(whole) ? whole : undefined;
}

/** Whether a browser navigates to the URL. */
function isPageVisit({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.accept?.includes('text/html') === true;
}
