/** Calls a handler from the page and reads its response as bytes. */
import { isAbort, readBill, type CallBill } from '../../client/index.ts';

export type HeaderLine = readonly [name: string, value: string];

export interface TriedCall {
  readonly method: string;
  /** From {@link urlWithin}. */
  readonly url: string;
  readonly headers: readonly HeaderLine[];
  readonly body: string;
  /** Bearer token for a private handler. */
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

export interface TriedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly HeaderLine[];
  /** At most {@link MAX_BODY_BYTES}. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** The body is incomplete: it was larger than the limit, or the call was stopped. */
  readonly isCut: boolean;
  /** Milliseconds from sending to the last byte, measured in this browser. */
  readonly ms: number;
  /** Undefined if the response did not come from an execution. */
  readonly bill: CallBill | undefined;
  /** URL of the response if the browser followed a redirect. */
  readonly redirectedTo: string | undefined;
}

const MAX_BODY_BYTES = 1_048_576;
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Reports whether browsers send a body with the method. */
export function takesBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/**
 * Returns the URL of a path below the handler's URL. Returns undefined if the path leaves the handler, because the
 * request, including its token, would reach another handler.
 */
export function urlWithin(handlerUrl: string, path: string): string | undefined {
  const below = path.replace(/^\/+/, '');
  const text = handlerUrl + below;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.hash = '';
  return url.href.startsWith(handlerUrl) ? url.href : undefined;
}

/** Returns the names of headers that browsers do not let a page set. */
export function refusedHeaders(headers: readonly HeaderLine[]): string[] {
  const { headers: kept } = new Request(location.href, { headers: headers.map(copy) });
  return headers.map(([name]) => name).filter((name) => !kept.has(name));
}

/** Throws a TypeError if there is no readable response, and an AbortError if the signal aborts before it begins. */
export async function callHandler(call: TriedCall): Promise<TriedResponse> {
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
    // A redirect would forward the token, possibly to another handler of the same origin.
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
  maxBytes: number,
): Promise<{ body: Uint8Array<ArrayBuffer>; isCut: boolean }> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  let isStopped = false;
  try {
    // Leaving the loop cancels the rest of the body.
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) break;
    }
  } catch (error) {
    if (!isAbort(error)) throw error;
    isStopped = true;
  }
  const whole = new Uint8Array(await new Blob(chunks).arrayBuffer());
  return { body: whole.subarray(0, maxBytes), isCut: isStopped || bytes > maxBytes };
}

function copy([name, value]: HeaderLine): [string, string] {
  return [name, value];
}
