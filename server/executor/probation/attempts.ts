/**
 * Forwards attempts of asynchronous calls from an executor process, which has the queue, to a probation process, which runs
 * them.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { connect } from './forward.ts';
import type { ProbationProcesses } from '../../process/probation/processes.ts';

const ATTEMPT_HEADER = 'trisiel-attempt';

interface ForwardedAttempt {
  readonly callId: string;
  /** Number of earlier deliveries by the queue. */
  readonly tries: number;
}

/** The outcome of an attempt; `again` is the reason why the queue must retry. */
interface AttemptOutcome {
  readonly again?: string;
}

/** Rejects if the process ends meanwhile. @param lease aborts the attempt when the queue loses it */
export async function forwardAttempt(
  processes: ProbationProcesses,
  ownerId: string,
  attempt: ForwardedAttempt,
  lease: AbortSignal,
): Promise<AttemptOutcome> {
  const hangUp = new AbortController();
  const stop = (): void => hangUp.abort();
  lease.addEventListener('abort', stop, { once: true });
  try {
    const headers = { [ATTEMPT_HEADER]: JSON.stringify(attempt) };
    const upstream = await connect(processes, ownerId, headers, hangUp);
    upstream.end();
    const [answer]: IncomingMessage[] = await once(upstream, 'response');
    if (answer === undefined) throw new Error('a probation process did not answer');
    const outcome: AttemptOutcome = JSON.parse(await text(answer));
    return outcome;
  } finally {
    lease.removeEventListener('abort', stop);
  }
}

/**
 * Answers a request of {@link forwardAttempt}. Never rejects.
 * @param run makes the attempt; throws if the queue must retry
 */
export async function receiveAttempt(
  request: IncomingMessage,
  response: ServerResponse,
  run: (callId: string, tries: number, lease: AbortSignal) => Promise<void>,
): Promise<void> {
  const header = request.headers[ATTEMPT_HEADER];
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.on('error', () => undefined);
  try {
    if (typeof header !== 'string') throw new Error('the request is neither a call nor an attempt');
    const { callId, tries }: ForwardedAttempt = JSON.parse(header);
    await run(callId, tries, gone.signal);
    response.end(JSON.stringify({}));
  } catch (error) {
    const again = error instanceof Error ? error.message : String(error);
    response.end(JSON.stringify({ again }));
  }
}
