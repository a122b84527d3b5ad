/**
 * The web API layer of handlers in JavaScript. The engine (../engine/engine.c) calls it: `initialize` twice around the
 * author's module, then `answer` and `step` for a request.
 */
import { AbortController, AbortSignal } from './events/abort.ts';
import { CustomEvent, Event, EventTarget } from './events/events.ts';
import { clearTimeout, runNextTimer, setInterval, setTimeout } from './events/timers.ts';
import { Blob, File } from './files/blob.ts';
import { FormData } from './files/form-data.ts';
import { host, setHost, type Primitives } from './host.ts';
import { hasBegun, readRequest, writeReply } from './http/cgi.ts';
import { fetch } from './http/fetch.ts';
import { Headers } from './http/headers.ts';
import { Request } from './http/request.ts';
import { Response } from './http/response.ts';
import { structuredClone } from './language/clone.ts';
import { console, LEVEL } from './language/console.ts';
import { crypto } from './language/crypto.ts';
import { TextDecoder, TextEncoder } from './language/encoding.ts';
import { describeError } from './language/inspect.ts';
import { setSourceMap } from './language/source-map.ts';
import { env, log, open } from './resources.ts';
import { ReadableStream } from './streams/readable.ts';
import {
  TextDecoderStream,
  TextEncoderStream,
  TransformStream,
  WritableStream,
} from './streams/writable.ts';
import { URLSearchParams } from './url/search-params.ts';
import { URL } from './url/url.ts';

const performance = {
  now: (): number => host().monotonic(),
  get timeOrigin(): number {
    return Date.now() - host().monotonic();
  },
};

const GLOBALS = {
  AbortController,
  AbortSignal,
  Blob,
  CustomEvent,
  Event,
  EventTarget,
  File,
  FormData,
  Headers,
  ReadableStream,
  Request,
  Response,
  TextDecoder,
  TextDecoderStream,
  TextEncoder,
  TextEncoderStream,
  TransformStream,
  URL,
  URLSearchParams,
  WritableStream,
  clearInterval: clearTimeout,
  clearTimeout,
  console,
  crypto,
  fetch,
  navigator: { userAgent: 'Trisiel' },
  performance,
  setInterval,
  setTimeout,
  structuredClone,
};

interface Handler {
  fetch(
    request: Request,
    env: Readonly<Record<string, string>>,
    context: { waitUntil(promise: unknown): void },
  ): unknown;
}

let handler: Handler | undefined;
/** Number of promises that the run waits for: the response, and those passed to waitUntil(). */
let pending = 0;

export function install(primitives: Primitives): object {
  setHost(primitives);
  for (const [name, value] of Object.entries(GLOBALS)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
  Object.defineProperty(globalThis, 'self', {
    value: globalThis,
    writable: true,
    configurable: true,
  });
  return { initialize, answer, step, describe: describeError };
}

/**
 * First with the source map: returns the exports of the module `trisiel`. Then with the namespace of the author's
 * module.
 */
function initialize(given: string | object): object | undefined {
  if (typeof given === 'string') {
    setSourceMap(given);
    return { env, log, open };
  }
  const found: unknown = Reflect.get(given, 'default');
  if (!isHandler(found)) {
    throw new TypeError(
      'The module has no handler. Write: export default { async fetch(request) { return new Response("hello") } }',
    );
  }
  handler = found;
  return undefined;
}

function isHandler(value: unknown): value is Handler {
  return (
    typeof value === 'object' &&
    value !== null &&
    'fetch' in value &&
    typeof value.fetch === 'function'
  );
}

async function answer(): Promise<void> {
  pending++;
  try {
    const request = readRequest();
    const response: unknown = await handler?.fetch(request, env, { waitUntil });
    if (!(response instanceof Response)) {
      throw new TypeError('fetch() of the default export must return a Response');
    }
    const written = writeReply(response, request.method === 'HEAD');
    if (written !== undefined) await written;
  } catch (error) {
    reportFailure(error);
  }
  pending--;
}

function waitUntil(promise: unknown): void {
  pending++;
  Promise.resolve(promise)
    .catch((error: unknown) => host().log(LEVEL.error, describeError(error)))
    .finally(() => pending--);
}

/** The owner finds the stack in the log; the caller only gets the status. */
function reportFailure(error: unknown): void {
  host().log(LEVEL.error, describeError(error));
  if (hasBegun()) host().breakOff();
  const text = 'Internal Server Error\n';
  const type = 'content-type: text/plain;charset=UTF-8';
  host().write(`Status: 500\n${type}\ncontent-length: ${text.length}\n\n${text}`);
}

/** Called when no promise can make progress. Returns whether a timer ran, after which promises may continue. */
function step(): boolean {
  if (pending === 0) return false;
  if (runNextTimer()) return true;
  if (!hasBegun()) {
    reportFailure(new Error('fetch() waits for a promise that nothing settles'));
  }
  return false;
}
