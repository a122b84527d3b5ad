/**
 * Client for the API of a Trisiel server, typed from its OpenAPI document. Runs in Node and in the browser.
 *
 *     const api = createApi({ origin: 'https://api.trisiel.com', token });
 *     const { items } = await take(api.GET('/api/handlers'));
 */
import createClient, { type Client } from 'openapi-fetch';
import { ApiError, UnreachableError, type ApiProblem } from './errors.ts';
import type { paths } from './schema.ts';

export type Api = Client<paths>;

export interface ClientOptions {
  /** For example `https://api.trisiel.com`; empty in a page served from the API's own origin. */
  readonly origin: string;
  /** If undefined, the browser's session cookie authenticates the request. */
  readonly token?: string | undefined;
  /** Identifies the program in the server's log. Browsers do not allow setting it. */
  readonly userAgent?: string;
  readonly fetch?: (request: Request) => Promise<Response>;
}

export function createApi(options: ClientOptions): Api {
  const api = createClient<paths>({
    baseUrl: options.origin,
    headers: headersOf(options),
    // Modules are sent as raw bytes.
    bodySerializer: (body: unknown) => (body instanceof Blob ? body : JSON.stringify(body)),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  api.use({
    onError: ({ error }) => (isAbort(error) ? undefined : new UnreachableError(options.origin)),
  });
  return api;
}

export function headersOf({ token, userAgent }: ClientOptions): Record<string, string> {
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
  };
}

/**
 * Returns the response body. Throws an ApiError if the status is not 2xx, and an UnreachableError if there is no
 * complete response.
 */
export async function take<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call.catch((failure: unknown) => {
    // If the connection breaks while the body is read, fetch rejects with a TypeError.
    throw failure instanceof TypeError ? new UnreachableError('') : failure;
  });
  if (!response.ok) throw new ApiError(asProblem(error, response));
  // If there is no body, T is undefined.
  return data as T;
}

/** Returns the problem in an error response. A proxy's error has no problem document, so one is made from its status. */
export function asProblem(body: unknown, response: Response): ApiProblem {
  if (typeof body === 'object' && body !== null && 'detail' in body && 'code' in body) {
    return body as ApiProblem;
  }
  const { status, statusText } = response;
  return {
    type: 'about:blank',
    title: statusText === '' ? `Status ${status}` : statusText,
    status,
    detail: `The server answered with status ${status} and no explanation. Try again in a moment.`,
    code: 'unavailable',
    requestId: response.headers.get('x-request-id') ?? '',
  };
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
