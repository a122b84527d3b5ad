/** The request a guest is given in the page: the same one the run origin would see for the same curl line. */
import type { JobRequest } from '../worker/worker-api.ts';

/**
 * A page may not set some headers (Host, Cookie, Content-Length, …) on a Request, and some browsers hide its body;
 * both are put in their place on the object itself, which no browser sends anywhere.
 */
export function buildRequest(wanted: JobRequest): Request {
  const method = wanted.method.toUpperCase();
  const bytes = new TextEncoder().encode(wanted.body);
  const hasBody = bytes.length > 0;
  const headers = new Headers(
    wanted.headers.map(([name, value]): [string, string] => [name, value]),
  );
  if (!headers.has('host')) headers.set('host', new URL(wanted.url).host);
  if (hasBody) {
    headers.set('content-length', String(bytes.length));
    if (!headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8');
  }
  const request = new Request(wanted.url, {
    method,
    ...(hasBody && method !== 'GET' && method !== 'HEAD' ? { body: bytes } : {}),
  });
  Object.defineProperty(request, 'headers', { value: headers });
  if (hasBody) Object.defineProperty(request, 'body', { value: new Response(bytes).body });
  return request;
}
