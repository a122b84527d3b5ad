/** Forwards calls from an executor process to the probation process of the handler's owner. */
import { once } from 'node:events';
import { request as send, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { writeChunk } from '../../../olin/platform/node-http.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { UntrustedHandler } from '../handlers/handler.ts';
import type { CallResponse, CallRequest } from '../http/exchange.ts';
import { breakOff } from '../http/reply.ts';
import type { Target } from '../http/target.ts';
import {
  CALL_HEADER,
  decodeForwardedHead,
  encodeHead,
  MAX_ENVELOPE_BYTES,
  REPLY_HEADER,
} from './envelope.ts';
import type { ProbationProcesses } from '../../process/probation/processes.ts';

/** A call to forward. */
export interface Forwarded {
  readonly handler: UntrustedHandler;
  readonly target: Target;
  readonly request: CallRequest;
  readonly response: CallResponse;
  readonly remoteAddress: string;
}

/**
 * Resolves when the response has been sent or aborted. Throws a problem if nothing was sent: no process is available, or
 * it ended during the run.
 */
export async function forwardCall(
  processes: ProbationProcesses,
  { handler, target, request, response, remoteAddress }: Forwarded,
): Promise<void> {
  const call = encodeHead({
    handlerName: handler.name,
    scriptName: target.scriptName,
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    remoteAddress,
    readsChunks: response.useChunkedEncodingByDefault,
  });
  const { socket } = request;
  const hangUp = new AbortController();
  const onClose = (): void => hangUp.abort();
  socket.once('close', onClose);
  if (socket.destroyed) hangUp.abort();
  try {
    const upstream = await connect(processes, handler.ownerId, { [CALL_HEADER]: call }, hangUp);
    const answered = once(upstream, 'response').catch((error: unknown) => {
      throw hangUp.signal.aborted ? error : endedDuringRun();
    });
    sendBody(request, upstream);
    const [answer]: IncomingMessage[] = await answered;
    if (answer !== undefined) await copyResponse(answer, response);
  } catch (error) {
    if (hangUp.signal.aborted) return;
    throw error;
  } finally {
    socket.off('close', onClose);
    // Stops sending the rest of the body; it is still read, so that the next request on the connection can follow.
    hangUp.abort();
  }
}

/**
 * Opens a request to the owner's process. If the process has just stopped, it tries once more: nothing was sent yet.
 */
export async function connect(
  processes: ProbationProcesses,
  ownerId: string,
  headers: Readonly<Record<string, string>>,
  { signal }: AbortController,
): Promise<ClientRequest> {
  for (let isLast = false; ; isLast = true) {
    const socketPath = await processes.open(ownerId);
    signal.throwIfAborted();
    const upstream = send({
      socketPath,
      method: 'POST',
      path: '/',
      headers,
      // One connection per call: its closing is how either side notices that the other ended.
      agent: false,
      maxHeaderSize: MAX_ENVELOPE_BYTES,
      signal,
    });
    // The waiter for the response handles errors; later ones do not matter.
    upstream.on('error', () => undefined);
    try {
      const [socket]: Socket[] = await once(upstream, 'socket', { signal });
      if (socket?.connecting === true) await once(socket, 'connect', { signal });
      return upstream;
    } catch (error) {
      processes.forget(ownerId, socketPath);
      if (isLast || signal.aborted) throw error;
    }
  }
}

/** Sends the body at the pace of its reader. After the reader is gone, the rest is discarded. */
function sendBody(request: CallRequest, upstream: ClientRequest): void {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  if (coding === undefined && (length === undefined || length === '0')) {
    upstream.end();
    return;
  }
  const pump = async (): Promise<void> => {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      await writeChunk(upstream, chunk);
    }
    upstream.end();
  };
  // An aborted body aborts the call: the guest must not take it as complete.
  void pump().catch(() => upstream.destroy());
}

async function copyResponse(answer: IncomingMessage, response: CallResponse): Promise<void> {
  const head = answer.headers[REPLY_HEADER];
  if (typeof head !== 'string') throw new Error('a probation process did not respond');
  const { status, reason, headers } = decodeForwardedHead(head);
  response.writeHead(status, reason, headers);
  try {
    // The body may come much later.
    response.flushHeaders();
    for await (const chunk of answer) {
      await writeChunk(response, chunk);
      if (response.destroyed) return;
    }
  } catch {
    breakOff(response);
    return;
  }
  const trailers = Object.entries(answer.trailers).map(([name, value]) => [name, value ?? '']);
  if (trailers.length > 0) response.addTrailers(Object.fromEntries(trailers));
  response.end(undefined, 'utf8');
}

function endedDuringRun(): ProblemError {
  return new ProblemError(
    'handler-failed',
    'The process that ran the handler ended before it replied. The version shows its owner the reason.',
  );
}
