import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isLocal } from '../caller-address.ts';

export interface MetricsRequest {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Whether a request may read metrics: it has the bearer token, or, without a token, comes from this machine directly. */
export function mayReadMetrics(
  { headers, socket }: MetricsRequest,
  token: string | undefined,
): boolean {
  if (token === undefined) {
    // Requests through a proxy on this machine come from other machines.
    const isForwarded = 'x-forwarded-for' in headers || 'forwarded' in headers;
    return !isForwarded && isLocal(socket.remoteAddress ?? '');
  }
  return timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${token}`));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
