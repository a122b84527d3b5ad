/**
 * Limits the asynchronous calls whose requests are being received: until a body has arrived, a call is in no table, and a
 * slow sender keeps its place in this process.
 */
import { PerKeyLimit } from '../../../per-key-limit.ts';
import { ProblemError } from '../../../problems/problems.ts';

export interface AcceptingLimits {
  /** Of one caller to one owner's handlers, from anywhere but this machine. */
  readonly ofCaller: number;
  /** To one owner's handlers. */
  readonly ofOwner: number;
}

/** Bodies of one owner's calls take a quarter of the memory for bodies at most (`body.ts`). */
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
      throw full(`${ofCaller} requests for asynchronous calls of yours are being received`);
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
    `${what}, and no more may at one time. Try again when some of them are complete.`,
    { headers: { 'retry-after': '1' } },
  );
}
