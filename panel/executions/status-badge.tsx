import type { Execution, ExecutionStatus } from '../../client/index.ts';
import { Badge, type Tone } from '../components/badge.tsx';

/** Every state that an execution can be in, with its look. */
export const STATUSES: Readonly<Record<ExecutionStatus, Tone>> = {
  queued: 'plain',
  running: 'calm',
  succeeded: 'good',
  failed: 'bad',
  stopped: 'bad',
  'timed-out': 'warn',
  cancelled: 'plain',
  interrupted: 'warn',
};

export function isStatus(text: string): text is ExecutionStatus {
  return Object.hasOwn(STATUSES, text);
}

/** Classes of HTTP statuses that a list can be narrowed to, with what they are called. */
export const HTTP_CLASSES = [
  ['2xx', '2xx success'],
  ['3xx', '3xx redirect'],
  ['4xx', '4xx client error'],
  ['5xx', '5xx server error'],
] as const;

export type HttpClass = (typeof HTTP_CLASSES)[number][0];

export function isHttpClass(text: string): text is HttpClass {
  return HTTP_CLASSES.some(([each]) => each === text);
}

type Ended = Pick<Execution, 'status' | 'httpStatus'>;

/** A guest that ran to its end may have replied with an error: the badge says which, in the colour of its class. */
export function StatusBadge({ status, httpStatus }: Ended) {
  const isError = status === 'succeeded' && httpStatus !== null && httpStatus >= 400;
  if (!isError) return <Badge tone={STATUSES[status]}>{status}</Badge>;
  return <Badge tone={httpStatus >= 500 ? 'bad' : 'warn'}>error {httpStatus}</Badge>;
}
