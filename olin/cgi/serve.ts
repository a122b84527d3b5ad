/**
 * CGI (RFC 3875): a Request becomes the environment and standard input of one run, and its standard output becomes a
 * Response. `cgi/environment.ts` describes the variables, `cgi/reply.ts` the format of a reply.
 *
 * Streaming:
 *
 * - The request body is read only as the guest reads standard input.
 * - The response is available as soon as the reply's header is complete, while the guest is still running. Its body
 *   streams with back-pressure. No body is buffered whole, except a request's if the guest cannot be suspended.
 * - Cancelling the body stops the guest, as `options.signal` does.
 *
 * Ends of a run:
 *
 * - Complete reply: the reply is used, whatever the exit status, which is in `result`.
 * - Stopped or trapped before the header was complete: fault `trap`. Afterwards: the body stream errors.
 * - Incomplete or missing header: fault `exit` if the exit status is not 0, else `bad-reply`.
 * - Invalid reply: the guest is stopped at once (`result` says `cancelled`), and the fault is `bad-reply`; if the header
 *   was already delivered (wrong Content-Length), the body stream errors.
 */
import { answerWith, type CgiOutcome, type CgiExchange } from './answer.ts';
import { BodyPipe } from './body-pipe.ts';
import type { ReplyHead } from './reply.ts';
import type { RunnableModule } from '../module/module.ts';
import { run } from '../run/run.ts';
import { staticRun } from './static-files.ts';
import { Stop } from '../run/stop.ts';
import type { RunOptions, RunResult, ServeOptions, Served } from '../types.ts';

/**
 * Serves one request with a static file of the module, or with one run. Rejects only if `options` are invalid (`scriptName` is not a prefix of the path, or
 * `run` rejects them).
 */
export function serve(
  module: RunnableModule,
  request: Request,
  options: ServeOptions,
): Promise<Served> {
  const { method, url } = request;
  const headers = options.headers ?? request.headers;
  const runGuest =
    staticRun(module, { method, url, headers }, options.scriptName) ??
    ((runOptions: RunOptions) => run(module, runOptions));
  return serveWith(runGuest, request, options);
}

/** Like {@link serve}, with a replaceable `run`. */
export async function serveWith(
  runGuest: (options: RunOptions) => Promise<RunResult>,
  request: Request,
  options: ServeOptions,
): Promise<Served> {
  const abort = new Stop();
  const { signal, ...rest } = options;
  const giveUp = (): void => abort.abort();
  if (signal?.aborted === true) giveUp();
  signal?.addEventListener('abort', giveUp);
  const pipe = new BodyPipe(giveUp, options.platform.canSuspend);
  const given = Promise.withResolvers<ReplyHead>();
  const plain = await takeRequest(request, options);
  const ended = answerWith(
    runGuest,
    plain,
    { onHead: given.resolve, onBody: (chunk) => pipe.write(chunk) },
    { ...rest, abort },
  ).finally(() => signal?.removeEventListener('abort', giveUp));
  const result = ended.then((answered) => answered.result);
  // Rejects if the options are invalid; `ended` then reports it.
  result.catch(() => undefined);
  const closed = ended.then((answered) => {
    pipe.end(answered.broken === undefined ? undefined : new Error(answered.broken));
    return answered;
  });
  const first: ReplyHead | CgiOutcome = await Promise.race([given.promise, closed]);
  if ('status' in first) return { ok: true, ...respond(first, pipe), result };
  if (first.fault !== undefined) return { ok: false, fault: first.fault, result };
  return { ok: true, ...respond(await given.promise, pipe), result };
}

/** Converts the request; its body is read completely if the guest cannot be suspended. */
async function takeRequest(request: Request, options: ServeOptions): Promise<CgiExchange> {
  const { method, url } = request;
  const headers = options.headers ?? request.headers;
  // Older browsers do not expose a Request's body as a stream.
  if (options.platform.canSuspend && 'body' in request) {
    return { method, url, headers, body: request.body };
  }
  const body = new Uint8Array(await request.arrayBuffer());
  return body.length === 0
    ? { method, url, headers, body: request.body ?? null }
    : { method, url, headers, body, contentLength: body.length };
}

function respond(
  head: ReplyHead,
  pipe: BodyPipe,
): {
  response: Response;
  headers: readonly (readonly [name: string, value: string])[];
} {
  const headers = head.fields.map(({ name, value }) => [name, value] as const);
  const sent = new Headers();
  for (const [name, value] of headers) sent.append(name, value);
  const response = new Response(head.hasBody ? pipe.stream : null, {
    status: head.status,
    statusText: head.reason,
    headers: sent,
  });
  return { response, headers };
}
