/** Follows executions over server-sent events as they are recorded. */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { asProblem, headersOf, isAbort, type ClientOptions } from './api.ts';
import { ApiError } from './errors.ts';
import type { operations } from './schema.ts';
import type { ApiExecution } from './views.ts';

export type TailFilter = NonNullable<operations['get_executions_tail']['parameters']['query']>;

export interface TailOptions extends ClientOptions {
  readonly filter?: TailFilter;
  readonly signal: AbortSignal;
  /** Called with `open` when the stream is connected, and `waiting` before it is reconnected. */
  readonly onState?: (state: 'open' | 'waiting') => void;
}

/** Reconnection delay: the first, and the maximum that doubling it reaches. */
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 15_000;
/** The server sends a keep-alive every 15 seconds, so a connection silent for this long is dead. */
const SILENCE_MS = 45_000;

/**
 * Reconnects after a break and resumes at the last event, so that no execution is missed. Ends when the signal is
 * aborted. Throws an ApiError if the server rejects the request with a status that retrying cannot change.
 */
export async function* followExecutions(options: TailOptions): AsyncGenerator<ApiExecution> {
  const { signal, onState } = options;
  let lastEventId: string | undefined;
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const onData = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
    };
    try {
      const stream = await openTail(
        options,
        lastEventId,
        AbortSignal.any([signal, silence.signal]),
      );
      const events = stream
        .pipeThrough(watch(onData))
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream());
      for await (const event of events) {
        lastEventId = event.id ?? lastEventId;
        if (event.event === 'ready') {
          waitMs = FIRST_WAIT_MS;
          onState?.('open');
        } else if (event.event === 'execution') yield readExecution(event.data);
      }
    } catch (error) {
      if (error instanceof ApiError && isPermanent(error)) throw error;
      if (signal.aborted) return;
      if (!(error instanceof ApiError || error instanceof TypeError || isAbort(error))) throw error;
    } finally {
      clearTimeout(timer);
    }
    if (signal.aborted) return;
    onState?.('waiting');
    await sleep(waitMs, signal);
    waitMs = Math.min(waitMs * 2, MAX_WAIT_MS);
  }
}

async function openTail(
  options: TailOptions,
  lastEventId: string | undefined,
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
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
      signal,
    }),
  );
  if (response.ok && response.body !== null) return response.body;
  throw new ApiError(asProblem(await response.json().catch(() => undefined), response));
}

/** Retrying can succeed after a 5xx or 429 (the server is full or starting), but not after any other status. */
function isPermanent({ problem }: ApiError): boolean {
  return problem.status < 500 && problem.status !== 429;
}

function readExecution(data: string): ApiExecution {
  return JSON.parse(data);
}

function watch(
  onData: () => void,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(chunk, controller) {
      onData();
      controller.enqueue(chunk);
    },
  });
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
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
