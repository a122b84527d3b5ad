/**
 * One CGI exchange without streams of its own: what `serve` is made of, and what a server uses that has its own sockets.
 * `serve.ts` tells how a run can end.
 */
import { CgiEnvironment } from './environment.ts';
import { ReplyError, ReplyReader, type ReplyEvents } from './reply.ts';
import type { RunnableModule } from '../module/module.ts';
import { run } from '../run/run.ts';
import type {
  ByteSource,
  RunOptions,
  RunResult,
  ServeFault,
  ServeOptions,
  Stopper,
} from '../types.ts';

/** A request as a server has it. */
export interface PlainRequest {
  readonly method: string;
  /** Whole, such as `http://127.0.0.1:4001/run/hello/?x`. */
  readonly url: string;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  /** Null: it has none. */
  readonly body: ByteSource | null;
  /** Bytes of the body, where they are known better than the Content-Length header tells. */
  readonly contentLength?: number;
}

export interface AnswerOptions extends Omit<ServeOptions, 'headers' | 'signal'> {
  /** Aborted to stop the guest; a bad reply aborts it too. */
  readonly abort: Stopper;
}

/** How an exchange ended. */
export interface Answered {
  /** Why there was no head. */
  readonly fault?: ServeFault;
  /** Why the reply broke off after its head. */
  readonly broken?: string;
  readonly result: RunResult;
}

/**
 * Answers a request with one run; the reply goes to `reply` as the guest writes it. Settles when the guest has ended.
 * Rejects only when `options` are wrong.
 */
export function answer(
  module: RunnableModule,
  request: PlainRequest,
  reply: ReplyEvents,
  options: AnswerOptions,
): Promise<Answered> {
  return answerWith((runOptions) => run(module, runOptions), request, reply, options);
}

/** As {@link answer}, over whatever runs the guest. */
export async function answerWith(
  runGuest: (options: RunOptions) => Promise<RunResult>,
  request: PlainRequest,
  reply: ReplyEvents,
  options: AnswerOptions,
): Promise<Answered> {
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
    // A bad reply stops the guest, not this: what the guest sees of it is its end.
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
): Pick<Answered, 'fault' | 'broken'> {
  const message = error?.message ?? trapMessage;
  if (headGiven) return message === undefined ? {} : { broken: message };
  if (error === undefined) {
    return { fault: { code: 'trap', message: trapMessage ?? 'The guest gave no reply.' } };
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
