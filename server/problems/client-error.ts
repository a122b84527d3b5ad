/** What is said to a client whose bytes are no HTTP request: there is no request then, and no reply, only a socket. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

const DETAILS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'The address and the headers together are larger than 16 KiB. Send less of them.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not come in time. Send it again.'],
};

/**
 * For Fastify's `clientErrorHandler`: a problem document, and the end of the connection.
 * @param isAnswering whether a reply has begun on the connection; it is broken off, since a second head inside of it
 *   would be taken for a part of its body
 */
export function sendClientError(
  error: Error & { readonly code?: string },
  socket: Socket,
  isAnswering = socket.bytesWritten > 0,
): void {
  if (!socket.writable || error.code === 'ECONNRESET' || isAnswering) {
    socket.destroy();
    return;
  }
  const [status, detail] = DETAILS[error.code ?? ''] ?? [
    400,
    'This is no HTTP request that can be read. Check its first line and headers.',
  ];
  const title = STATUS_CODES[status] ?? 'Bad Request';
  const body = JSON.stringify({ type: 'about:blank', title, status, detail });
  socket.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'cache-control: no-store',
      'connection: close',
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
}
