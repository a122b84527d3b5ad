/**
 * One CGI exchange without web streams: the basis of `serve`, and the interface for servers with their own sockets.
 * `serve.ts` describes how a run can end.
 */
import { CgiEnvironment } from './environment.ts';
import { ReplyError, ReplyReader, type ReplyEvents } from './reply.ts';
import type { RunnableModule } from '../module/module.ts';
import { run } from '../run/run.ts';
import { staticRun } from './static-files.ts';
import type {
  ByteSource,
  RunOptions,
  RunResult,
  ServeFault,
  ServeOptions,
  Stopper,
} from '../types.ts';

/** A request as a server receives it. */
export interface CgiExchange {
  readonly method: string;
  /** Absolute, such as `http://127.0.0.1:4001/run/hello/?x`. */
  readonly url: string;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  /** Null if there is no body. */
  readonly body: ByteSource | null;
  /** Length of the body, if known; takes precedence over the Content-Length header. */
  readonly contentLength?: number;
}

export interface AnswerOptions extends Omit<ServeOptions, 'headers' | 'signal'> {
  /** Abort it to stop the guest; an invalid reply aborts it too. */
  readonly abort: Stopper;
}

/** How an exchange ended. */
export interface CgiOutcome {
  /** Why there was no response head. */
  readonly fault?: ServeFault;
  /** Why the reply ended early after its head. */
  readonly broken?: string;
  readonly result: RunResult;
}

/**
 * Answers a request with a static file of the module, or with one run; `reply` receives the reply as the guest writes it. Resolves when the guest has ended.
 * Rejects only if `options` are invalid.
 */
export function answer(
  module: RunnableModule,
  request: CgiExchange,
  reply: ReplyEvents,
  options: AnswerOptions,
): Promise<CgiOutcome> {
  const runGuest =
    staticRun(module, request, options.scriptName) ??
    ((runOptions: RunOptions) => run(module, runOptions));
  return answerWith(runGuest, request, reply, options);
}

/** Like {@link answer}, with a replaceable `run`. */
export async function answerWith(
  runGuest: (options: RunOptions) => Promise<RunResult>,
  request: CgiExchange,
  reply: ReplyEvents,
  options: AnswerOptions,
): Promise<CgiOutcome> {
  const { abort } = options;
  const { contentLength } = request;
  let headGiven = false;
  let error: ReplyError | undefined;
  const keep = (thrown: unknown): void => {
    if (!(thrown instanceof ReplyError)) throw thrown;
    error = thrown;
  };
  const reader = new ReplyReader(request.method, {
    onHead(head) {
      headGiven = true;
      reply.onHead(head);
    },
    onBody: (chunk) => reply.onBody(chunk),
  });
  const result = await runGuest({
    ...options,
    variables: new CgiEnvironment(
      request,
      contentLength === undefined ? options : { ...options, contentLength },
    ),
    stdin: request.body ?? '',
    // An invalid reply stops the guest through the abort signal rather than by throwing here.
    stdout(chunk) {
      if (error !== undefined) return;
      try {
        return reader.write(chunk);
      } catch (thrown) {
        keep(thrown);
        abort.abort();
      }
    },
    signal: abort.signal,
  });
  const { trap, exit } = result;
  if (error === undefined && trap === undefined) {
    try {
      reader.end();
    } catch (thrown) {
      keep(thrown);
    }
  }
  if (headGiven && error === undefined && trap === undefined) return { result };
  return { ...describeEnd(headGiven, error, trap?.message, exit), result };
}

function describeEnd(
  headGiven: boolean,
  error: ReplyError | undefined,
  trapMessage: string | undefined,
  exit: number | null,
): Pick<CgiOutcome, 'fault' | 'broken'> {
  const message = error?.message ?? trapMessage;
  if (headGiven) return message === undefined ? {} : { broken: message };
  if (error === undefined) {
    return { fault: { code: 'trap', message: trapMessage ?? 'The guest wrote no reply.' } };
  }
  if (trapMessage === undefined && exit !== 0) {
    return {
      fault: {
        code: 'exit',
        message: `The guest ended with status ${exit} before its reply was complete. ${error.message}`,
      },
    };
  }
  return { fault: { code: 'bad-reply', message: error.message } };
}
