/** Responds to clients that send invalid HTTP. There is no request or reply object then, only a socket. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

const DETAILS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'The URL and the headers together are larger than 16 KiB. Shorten them.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request was not received in time. Send it again.'],
};

/**
 * A `clientErrorHandler` for Fastify: sends a problem document and closes the connection.
 * @param isAnswering whether a response has started on the connection. It is then closed without a problem document, which
 *   would be read as part of that response's body
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
    'This is not a valid HTTP request. Check its request line and headers.',
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
