/** How a run may start, what it may use, and how its stop is told. */
import {
  DEFAULT_LIMITS,
  SchedulerFull,
  type Limits,
  type Scheduler,
  type ServeFault,
  type Stopper,
  type Ticket,
  type Trap,
} from '../../../olin/index.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { LoadedHandler } from '../handlers/handler.ts';

/** Why a run that waits for room is called off. */
const LATE = new Error('there was no room in time');

/** A reply is not held: its reader sets the pace, and time is the bound. */
const OUTPUT_BYTES = Number.MAX_SAFE_INTEGER;

/** System calls that are kept of a run whose handler wants them. */
const TRACE_CALLS = 1000;

/**
 * The tier's bounds; the policy, which may be lower, has its say in the run.
 * @param waitedMs of the run's time, gone before it begins
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
  };
}

/** Gives room at once, or waits for it. Throws a problem where there is none, or none before the deadline. */
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
      throw new ProblemError('handler-late', 'There was no room for the run in time. Try again.', {
        headers: { 'retry-after': '2' },
      });
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The problem of a run that gave no reply. */
export function reportStop(
  fault: Pick<ServeFault, 'message'>,
  { trap }: { readonly trap?: Pick<Trap, 'code' | 'limit'> | undefined },
  tier: Pick<LoadedHandler['limits'], 'gas' | 'memoryPages'>,
): ProblemError {
  if (trap?.code === 'time') return new ProblemError('handler-late', fault.message);
  const cap =
    trap?.code === 'gas' ? tier.gas : trap?.code === 'memory' ? tier.memoryPages : undefined;
  const isCapped = cap !== undefined && trap?.limit !== undefined && trap.limit >= cap;
  return new ProblemError('handler-failed', isCapped ? nameCap(fault.message, cap) : fault.message);
}

/** The runtime names the policy as the place to raise a limit, and knows no tiers: past the cap no policy helps. */
function nameCap(message: string, cap: number): string {
  return message.replace(
    / Raise [a-z-]+ in the policy, or (do|use) less\.$/,
    (_all, verb: string) =>
      ` The tier of the handler’s owner allows no more than ${cap}, whatever the policy says: ${verb} less.`,
  );
}
