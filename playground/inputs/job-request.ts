/** Builds the request for a guest in the page, equal to the one the run origin receives from the same curl command. */
import type { JobRequest } from '../worker/worker-api.ts';

/**
 * A page cannot set some headers (Host, Cookie, Content-Length, …) on a Request, and some browsers do not expose its
 * body. Both are defined on the object itself, which is never sent.
 */
export function buildRequest(job: JobRequest): Request {
  const method = job.method.toUpperCase();
  const bytes = new TextEncoder().encode(job.body);
  const hasBody = bytes.length > 0;
  const headers = new Headers(job.headers.map(([name, value]): [string, string] => [name, value]));
  if (!headers.has('host')) headers.set('host', new URL(job.url).host);
  if (hasBody) {
    headers.set('content-length', String(bytes.length));
    if (!headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8');
  }
  const request = new Request(job.url, {
    method,
    ...(hasBody && method !== 'GET' && method !== 'HEAD' ? { body: bytes } : {}),
  });
  Object.defineProperty(request, 'headers', { value: headers });
  if (hasBody) Object.defineProperty(request, 'body', { value: new Response(bytes).body });
  return request;
}
