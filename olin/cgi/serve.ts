/**
 * CGI by RFC 3875: a Request becomes the environment and the standard input of one run, and its standard output becomes
 * a Response. `cgi/environment.ts` tells the variables, `cgi/reply.ts` what a reply must be.
 *
 * How the two ends move together:
 *
 * - The request's body is read as the guest reads standard input, no sooner.
 * - The response is there as soon as the reply's header is, while the guest still runs. Its body streams; a guest that
 *   writes faster than the reader reads is made to wait. No body is ever held whole (save a request's where the guest
 *   cannot be suspended).
 * - A reader that cancels the body stops the guest, as `options.signal` does.
 *
 * How a run can end:
 *
 * - With a complete reply, whatever the exit status: the reply counts; the status is in `result`.
 * - Stopped or trapped before the header was complete: a fault `trap`. After it: the body stream errors.
 * - With no or a part of a header: a fault `exit` where the status is not 0, else `bad-reply`.
 * - With a bad reply: the guest is stopped at once (`result` then says `cancelled`), and the fault is `bad-reply`, or the
 *   body stream errors where the header was out already (a wrong Content-Length).
 */
import { answerWith, type Answered, type PlainRequest } from './answer.ts';
import { BodyPipe } from './body-pipe.ts';
import type { ReplyHead } from './reply.ts';
import type { RunnableModule } from '../module/module.ts';
import { run } from '../run/run.ts';
import { Stop } from '../run/stop.ts';
import type { RunOptions, RunResult, ServeOptions, Served } from '../types.ts';

/**
 * Serves one request with one run. Rejects only when `options` are wrong (`scriptName` is no prefix of the path, or
 * what `run` says).
 */
export function serve(
  module: RunnableModule,
  request: Request,
  options: ServeOptions,
): Promise<Served> {
  return serveWith((runOptions) => run(module, runOptions), request, options);
}

/** As {@link serve}, over whatever runs the guest. */
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
  // Rejects where the options are wrong; told by `ended` then.
  result.catch(() => undefined);
  const closed = ended.then((answered) => {
    pipe.end(answered.broken === undefined ? undefined : new Error(answered.broken));
    return answered;
  });
  const first: ReplyHead | Answered = await Promise.race([given.promise, closed]);
  if ('status' in first) return { ok: true, ...respond(first, pipe), result };
  if (first.fault !== undefined) return { ok: false, fault: first.fault, result };
  return { ok: true, ...respond(await given.promise, pipe), result };
}

/** The request, its body whole where the guest could not wait for more of it. */
async function takeRequest(request: Request, options: ServeOptions): Promise<PlainRequest> {
  const { method, url } = request;
  const headers = options.headers ?? request.headers;
  // Older browsers do not show a Request's body as a stream.
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
