/** A call of a handler from the page, and its reply, whatever bytes it is. */
import { isAbort, readBill, type CallBill } from '../../client/index.ts';

export type HeaderLine = readonly [name: string, value: string];

export interface Call {
  readonly method: string;
  /** Of {@link addressIn}. */
  readonly url: string;
  readonly headers: readonly HeaderLine[];
  readonly body: string;
  /** For a private handler. */
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly HeaderLine[];
  /** At most {@link MAX_BODY_BYTES}. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** There was more than is shown, or it was stopped before all of it came. */
  readonly isCut: boolean;
  /** From sending to the last byte, in this browser. */
  readonly ms: number;
  /** Undefined where no run stands behind the reply. */
  readonly bill: CallBill | undefined;
  /** Where the reply is from, where the browser followed a redirect. */
  readonly redirectedTo: string | undefined;
}

const MAX_BODY_BYTES = 1_048_576;
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Methods whose request has no body, as browsers have it. */
export function takesBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/**
 * The address of a path below a handler's own. Undefined where the path leads out of the handler: what is sent, a token
 * too, would reach another one.
 */
export function addressIn(handlerUrl: string, path: string): string | undefined {
  const below = path.replace(/^\/+/, '');
  const text = handlerUrl + below;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.hash = '';
  return url.href.startsWith(handlerUrl) ? url.href : undefined;
}

/** Headers that browsers send by themselves, and let no page set. */
export function refusedHeaders(headers: readonly HeaderLine[]): string[] {
  const { headers: kept } = new Request(location.href, { headers: headers.map(copy) });
  return headers.map(([name]) => name).filter((name) => !kept.has(name));
}

/** Throws a TypeError where no reply can be read, an AbortError where the signal aborts before one begins. */
export async function callHandler(call: Call): Promise<Reply> {
  const headers = new Headers(call.headers.map(copy));
  if (call.token !== undefined) headers.set('authorization', `Bearer ${call.token}`);
  const begun = performance.now();
  const response = await fetch(call.url, {
    method: call.method,
    headers,
    signal: call.signal,
    mode: 'cors',
    credentials: 'omit',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    // A redirect would take the token along, to another handler of the same origin as well.
    redirect: call.token === undefined ? 'follow' : 'manual',
    ...(takesBody(call.method) && call.body !== '' ? { body: call.body } : {}),
  });
  const { body, isCut } = await readUpTo(response, MAX_BODY_BYTES);
  return {
    status: response.status,
    statusText: response.statusText,
    headers: [...response.headers],
    body,
    isCut,
    ms: performance.now() - begun,
    bill: readBill(response.headers),
    redirectedTo: response.redirected ? response.url : undefined,
  };
}

async function readUpTo(
  response: Response,
  mostBytes: number,
): Promise<{ body: Uint8Array<ArrayBuffer>; isCut: boolean }> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  let isStopped = false;
  try {
    // Leaving the loop cancels what is left.
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > mostBytes) break;
    }
  } catch (error) {
    if (!isAbort(error)) throw error;
    isStopped = true;
  }
  const whole = new Uint8Array(await new Blob(chunks).arrayBuffer());
  return { body: whole.subarray(0, mostBytes), isCut: isStopped || bytes > mostBytes };
}

function copy([name, value]: HeaderLine): [string, string] {
  return [name, value];
}
