/** Admits runs, computes their limits, and converts a stop to a problem. */
import {
  DEFAULT_LIMITS,
  SchedulerFull,
  type Limits,
  type Scheduler,
  type ServeFault,
  type Stopper,
  type Ticket,
  type StopReason,
} from '../../../olin/index.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { LoadedHandler } from '../handlers/handler.ts';

/** Abort reason of a run that waited too long for admission. */
const LATE = new Error('there was no room in time');

/** Replies are streamed, not buffered: back-pressure and the deadline bound them. */
const OUTPUT_BYTES = Number.MAX_SAFE_INTEGER;

/** System calls recorded per run if the handler records traces. */
const TRACE_CALLS = 1000;

/**
 * Returns the tier's limits; the runtime applies the policy, which may be stricter.
 * @param waitedMs time already used of the deadline
 */
export function limitsFor({ limits }: Pick<LoadedHandler, 'limits'>, waitedMs = 0): Limits {
  const { gas, memoryPages, wallMs } = limits;
  const { descriptors, logBytes } = DEFAULT_LIMITS;
  return {
    gas,
    memoryPages,
    wallMs: Math.max(1, wallMs - waitedMs),
    outputBytes: OUTPUT_BYTES,
    descriptors,
    logBytes,
    traceCalls: TRACE_CALLS,
    setBy: 'The tier of the handler’s owner',
  };
}

/** Admits a run at once or waits for memory. Throws a problem if the queue is full or the deadline passes. */
export function admit(
  scheduler: Scheduler,
  handler: LoadedHandler,
  wallMs: number,
  abort: Stopper,
): Ticket | Promise<Ticket> {
  const { initialPages } = handler.module.plan;
  return (
    scheduler.admitNow(handler.ownerId, handler.id, initialPages) ??
    waitForRoom(scheduler, handler, wallMs, abort)
  );
}

async function waitForRoom(
  scheduler: Scheduler,
  handler: LoadedHandler,
  wallMs: number,
  abort: Stopper,
): Promise<Ticket> {
  const { initialPages } = handler.module.plan;
  const timer = setTimeout(() => abort.abort(LATE), wallMs);
  try {
    return await scheduler.admit(handler.ownerId, handler.id, initialPages, abort.signal);
  } catch (error) {
    if (error instanceof SchedulerFull) {
      throw new ProblemError('executor-full', error.message, { headers: { 'retry-after': '1' } });
    }
    if (error === LATE || abort.signal.aborted) {
      throw new ProblemError(
        'executor-full',
        'There was no memory for the run in time. Try again in a moment.',
        { headers: { 'retry-after': '2' } },
      );
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the problem of a run that produced no reply. */
export function reportStop(
  fault: Pick<ServeFault, 'message'>,
  { trap }: { readonly trap?: Pick<StopReason, 'code'> | undefined },
): ProblemError {
  return new ProblemError(trap?.code === 'time' ? 'handler-late' : 'handler-failed', fault.message);
}
