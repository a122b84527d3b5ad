/**
 * The API of a Trisiel server, typed by its own document. Runs in Node and in the browser.
 *
 *     const api = createApi({ origin: 'https://api.trisiel.com', token });
 *     const { items } = await take(api.GET('/api/handlers'));
 */
import createClient, { type Client } from 'openapi-fetch';
import { ApiError, UnreachableError, type Problem } from './errors.ts';
import type { paths } from './schema.ts';

export type Api = Client<paths>;

export interface ApiOptions {
  /** Such as `https://api.trisiel.com`; empty in a page of the same origin. */
  readonly origin: string;
  /** Undefined: the session of the browser, by its cookie. */
  readonly token?: string | undefined;
  /** Names the program in the server's log; browsers do not let it be set. */
  readonly userAgent?: string;
  readonly fetch?: (request: Request) => Promise<Response>;
}

export function createApi(options: ApiOptions): Api {
  const api = createClient<paths>({
    baseUrl: options.origin,
    headers: headersOf(options),
    // A module goes as it is.
    bodySerializer: (body: unknown) => (body instanceof Blob ? body : JSON.stringify(body)),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  api.use({
    onError: ({ error }) => (isAbort(error) ? undefined : new UnreachableError(options.origin)),
  });
  return api;
}

export function headersOf({ token, userAgent }: ApiOptions): Record<string, string> {
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
  };
}

/** What the API answered. Throws an ApiError with its problem, or an UnreachableError. */
export async function take<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call.catch((failure: unknown) => {
    // The connection broke in the middle of a body, which fetch tells by a TypeError of its own.
    throw failure instanceof TypeError ? new UnreachableError('') : failure;
  });
  if (!response.ok) throw new ApiError(asProblem(error, response));
  // Where there is no body, T is undefined.
  return data as T;
}

/** What a proxy in front says is no problem document. */
export function asProblem(body: unknown, response: Response): Problem {
  if (typeof body === 'object' && body !== null && 'detail' in body && 'code' in body) {
    return body as Problem;
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
