import type { ApiExecution, ApiExecutionStatus } from '../../client/index.ts';
import { Badge, type Tone } from '../components/badge.tsx';

/** The statuses of an execution and their colours. */
export const STATUSES: Readonly<Record<ApiExecutionStatus, Tone>> = {
  queued: 'plain',
  running: 'calm',
  succeeded: 'good',
  failed: 'bad',
  stopped: 'bad',
  'timed-out': 'warn',
  cancelled: 'plain',
  interrupted: 'warn',
};

export function isStatus(text: string): text is ApiExecutionStatus {
  return Object.hasOwn(STATUSES, text);
}

/** The HTTP status classes to filter by, with their labels. */
const HTTP_CLASSES = [
  ['2xx', '2xx success'],
  ['3xx', '3xx redirect'],
  ['4xx', '4xx client error'],
  ['5xx', '5xx server error'],
] as const;

/** The choices of a select for it. */
export const HTTP_CHOICES = [['', 'Any'] as const, ...HTTP_CLASSES];

export type HttpClass = (typeof HTTP_CLASSES)[number][0];

export function isHttpClass(text: string): text is HttpClass {
  return HTTP_CLASSES.some(([each]) => each === text);
}

type StatusBadgeProps = Pick<ApiExecution, 'status' | 'httpStatus'>;

/** Shows the status, or the HTTP status if a run succeeded but responded with an error. */
export function StatusBadge({ status, httpStatus }: StatusBadgeProps) {
  const isError = status === 'succeeded' && httpStatus !== null && httpStatus >= 400;
  if (!isError) return <Badge tone={STATUSES[status]}>{status}</Badge>;
  return <Badge tone={httpStatus >= 500 ? 'bad' : 'warn'}>error {httpStatus}</Badge>;
}
