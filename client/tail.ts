/** Executions as they are written, for as long as one reads. */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { asProblem, headersOf, isAbort, type ApiOptions } from './api.ts';
import { ApiError } from './errors.ts';
import type { operations } from './schema.ts';
import type { Execution } from './views.ts';

export type TailFilter = NonNullable<operations['get_executions_tail']['parameters']['query']>;

export interface TailOptions extends ApiOptions {
  readonly filter?: TailFilter;
  readonly signal: AbortSignal;
  /** The stream stands, or has broken off and is tried again. */
  readonly onState?: (state: 'open' | 'waiting') => void;
}

/** The first wait before a stream that broke off is asked for again, and the longest. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** The server says every 15 seconds that it is there; silence for longer is a dead connection. */
const SILENCE_MS = 45_000;

/**
 * Goes on where it was after a break, and misses none. Ends when the signal is aborted; throws an ApiError where the
 * server refuses for good.
 */
export async function* followExecutions(options: TailOptions): AsyncGenerator<Execution> {
  const { signal, onState } = options;
  let place: string | undefined;
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const heard = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
    };
    try {
      const stream = await openTail(options, place, AbortSignal.any([signal, silence.signal]));
      const events = stream
        .pipeThrough(watch(heard))
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream());
      for await (const event of events) {
        place = event.id ?? place;
        if (event.event === 'ready') {
          waitMs = FIRST_WAIT_MS;
          onState?.('open');
        } else if (event.event === 'execution') yield readExecution(event.data);
      }
    } catch (error) {
      if (error instanceof ApiError && isForGood(error)) throw error;
      if (signal.aborted) return;
      if (!(error instanceof ApiError || error instanceof TypeError || isAbort(error))) throw error;
    } finally {
      clearTimeout(timer);
    }
    if (signal.aborted) return;
    onState?.('waiting');
    await rest(waitMs, signal);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

async function openTail(
  options: TailOptions,
  place: string | undefined,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const query = new URLSearchParams(Object.entries(options.filter ?? {}));
  const send = options.fetch ?? fetch;
  const base = options.origin === '' ? globalThis.location.origin : options.origin;
  const response = await send(
    new Request(`${base}/api/executions/tail?${query}`, {
      headers: {
        ...headersOf(options),
        accept: 'text/event-stream',
        ...(place === undefined ? {} : { 'last-event-id': place }),
      },
      signal,
    }),
  );
  if (response.ok && response.body !== null) return response.body;
  throw new ApiError(asProblem(await response.json().catch(() => undefined), response));
}

/** A server that is full or starting may say yes later; one that does not know the caller will not. */
function isForGood({ problem }: ApiError): boolean {
  return problem.status < 500 && problem.status !== 429;
}

function readExecution(data: string): Execution {
  return JSON.parse(data);
}

function watch(
  heard: () => void,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(chunk, controller) {
      heard();
      controller.enqueue(chunk);
    },
  });
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
