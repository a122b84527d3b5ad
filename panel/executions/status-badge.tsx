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
};

export function isStatus(text: string): text is ExecutionStatus {
  return Object.hasOwn(STATUSES, text);
}

export function StatusBadge({ status }: { readonly status: Execution['status'] }) {
  return <Badge tone={STATUSES[status]}>{status}</Badge>;
}
