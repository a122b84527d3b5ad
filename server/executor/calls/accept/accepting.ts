/**
 * Limits the asynchronous calls whose requests are being received. Such a call is not stored yet, so the limits on open
 * calls do not cover it, and a slow sender holds memory of this process.
 */
import { PerKeyLimit } from '../../../per-key-limit.ts';
import { ProblemError } from '../../../problems/problems.ts';

export interface AcceptingLimits {
  /** Requests of one caller to one owner's handlers; does not apply to callers on this machine. */
  readonly ofCaller: number;
  /** Requests to one owner's handlers. */
  readonly ofOwner: number;
}

/** With 1 MiB per body, one owner's calls take at most a quarter of the memory for bodies (`body.ts`). */
const LIMITS: AcceptingLimits = { ofCaller: 32, ofOwner: 64 };

interface Sender {
  readonly ownerId: string;
  readonly caller: string;
  readonly isLocal: boolean;
}

export class Accepting {
  readonly #limits: AcceptingLimits;
  readonly #ofCallers = new PerKeyLimit();
  readonly #ofOwners = new PerKeyLimit();

  constructor(limits: AcceptingLimits = LIMITS) {
    this.#limits = limits;
  }

  /** Throws a `quota-reached` problem. Returns a function to call when the request was answered. */
  begin({ ownerId, caller, isLocal }: Sender): () => void {
    const { ofCaller, ofOwner } = this.#limits;
    const left = this.#ofCallers.enter(`${ownerId} ${caller}`, isLocal ? Infinity : ofCaller);
    if (typeof left === 'string') {
      throw full(`${ofCaller} of your requests for asynchronous calls are being received`);
    }
    const done = this.#ofOwners.enter(ownerId, ofOwner);
    if (typeof done === 'string') {
      left();
      throw full(
        `${ofOwner} requests for asynchronous calls to the owner’s handlers are being received`,
      );
    }
    return () => {
      left();
      done();
    };
  }
}

function full(what: string): ProblemError {
  return new ProblemError(
    'quota-reached',
    `${what}, which is the maximum. Try again when some of them are complete.`,
    { headers: { 'retry-after': '1' } },
  );
}
