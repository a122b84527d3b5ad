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
import { BodyPipe } from './cgi/body-pipe.ts';
import { requestToEnv } from './cgi/environment.ts';
import { ReplyError, ReplyReader, type ReplyHead } from './cgi/reply.ts';
import type { CompiledModule } from './module.ts';
import { run } from './run.ts';
import type {
  ByteSink,
  ByteSource,
  RunOptions,
  RunResult,
  ServeFault,
  ServeOptions,
  Served,
} from './types.ts';

/**
 * Serves one request with one run. Rejects only when `options` are wrong (`scriptName` is no prefix of the path, or
 * what `run` says).
 */
export function serve(
  module: CompiledModule,
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
  const { stdin, contentLength } = await takeBody(request, options.platform.canSuspend);
  const env = requestToEnv(request, {
    ...options,
    ...(contentLength === undefined ? {} : { contentLength }),
  });
  const exchange = new Exchange(request.method, options.platform.canSuspend);
  const { signal } = options;
  const result = runGuest({
    ...options,
    env: { ...options.env, ...env },
    stdin,
    stdout: exchange.sink,
    signal: signal === undefined ? exchange.signal : AbortSignal.any([signal, exchange.signal]),
  });
  const ended = result.then((ending) => exchange.end(ending));
  const head = await Promise.race([exchange.head, ended]);
  if ('code' in head) return { ok: false, fault: head, result };
  return { ok: true, ...exchange.respond(head), result };
}

/** Standard input, and its length where that became known. */
async function takeBody(
  request: Request,
  canSuspend: boolean,
): Promise<{ stdin: ByteSource; contentLength?: number }> {
  // Older browsers do not show a Request's body as a stream.
  if (canSuspend && 'body' in request) return { stdin: request.body ?? '' };
  const stdin = new Uint8Array(await request.arrayBuffer());
  return stdin.length === 0 ? { stdin } : { stdin, contentLength: stdin.length };
}

/** One reply on its way from the guest to the caller. */
class Exchange {
  readonly #abort = new AbortController();
  readonly #pipe: BodyPipe;
  readonly #reader: ReplyReader;
  readonly #head = Promise.withResolvers<ReplyHead>();
  #headGiven: ReplyHead | undefined;
  #error: ReplyError | undefined;

  constructor(method: string, canSuspend: boolean) {
    this.#pipe = new BodyPipe(() => this.#abort.abort(), canSuspend);
    this.#reader = new ReplyReader(method, {
      onHead: (head) => {
        this.#headGiven = head;
        this.#head.resolve(head);
      },
      onBody: (chunk) => this.#pipe.write(chunk),
    });
  }

  /** Resolves when the reply's header is complete and good. */
  get head(): Promise<ReplyHead> {
    return this.#head.promise;
  }

  /** Aborted when the guest is no longer of use. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Standard output. A bad reply stops the guest, not this: what the guest sees of it is its end. */
  readonly sink: ByteSink = (chunk) => {
    if (this.#error !== undefined) return;
    try {
      return this.#reader.write(chunk);
    } catch (error) {
      this.#keep(error);
      this.#abort.abort();
    }
  };

  /** Ends the reply with the run. Gives the head, or says why there is none. */
  end(ending: RunResult): ReplyHead | ServeFault {
    const { trap, exit } = ending;
    if (this.#error === undefined && trap === undefined) {
      try {
        this.#reader.end();
      } catch (error) {
        this.#keep(error);
      }
    }
    const message = this.#error?.message ?? trap?.message;
    if (this.#headGiven !== undefined) {
      this.#pipe.end(message === undefined ? undefined : new Error(message));
      return this.#headGiven;
    }
    if (this.#error === undefined) {
      return { code: 'trap', message: trap?.message ?? 'The guest gave no reply.' };
    }
    if (trap === undefined && exit !== 0) {
      return {
        code: 'exit',
        message: `The guest ended with status ${exit} before its reply was complete. ${this.#error.message}`,
      };
    }
    return { code: 'bad-reply', message: this.#error.message };
  }

  respond(head: ReplyHead): {
    response: Response;
    headers: readonly (readonly [name: string, value: string])[];
  } {
    const headers = head.fields.map(({ name, value }) => [name, value] as const);
    const sent = new Headers();
    for (const [name, value] of headers) sent.append(name, value);
    const response = new Response(head.hasBody ? this.#pipe.stream : null, {
      status: head.status,
      statusText: head.reason,
      headers: sent,
    });
    return { response, headers };
  }

  #keep(error: unknown): void {
    if (!(error instanceof ReplyError)) throw error;
    this.#error = error;
  }
}
