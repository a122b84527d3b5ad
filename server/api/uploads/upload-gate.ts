/** Admission of uploads before their bodies are read: limits on rate, concurrency and size. */
import type { FastifyRequest } from 'fastify';
import { PerKeyLimit } from '../../per-key-limit.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { Caller } from '../auth/caller.ts';
import type { RateLimiter } from '../rate-limit.ts';

/** Maximum concurrent uploads. Each body is in memory while it is received. */
const MAX_CONCURRENT = { user: 6, all: 32 } as const;
/** Maximum size of a JSON body of a user, and of the JSON part of a form. */
export const JSON_BYTES = 512 * 1024;
/** Allowance for what multipart adds around a module. */
export const MULTIPART_BYTES = 64 * 1024;

export class UploadGate {
  readonly #limiter: RateLimiter;
  readonly #underWay = new PerKeyLimit();

  constructor(limiter: RateLimiter) {
    this.#limiter = limiter;
  }

  /**
   * Admits an upload, or throws `too-many-requests`, `unavailable` or `too-large`. Returns a function to call when the request
   * has ended.
   *
   * @param formBytes bytes allowed besides the module
   */
  enter(user: Caller, request: FastifyRequest, formBytes: number): () => void {
    const { uploadsPerMinute, moduleBytes } = user.limits;
    const allowance = this.#limiter.take(`uploads ${user.id}`, uploadsPerMinute);
    if (!allowance.allowed) {
      throw refuse(
        `You have uploaded more than ${uploadsPerMinute} modules in a minute. Wait ${allowance.resetSeconds} seconds.`,
        allowance.resetSeconds,
      );
    }
    const given = givenBytes(request) ?? 0;
    if (given > moduleBytes + MULTIPART_BYTES + formBytes) throw tooLarge(moduleBytes, given);
    const end = this.#underWay.enter(user.id, MAX_CONCURRENT.user, MAX_CONCURRENT.all);
    if (end === 'key-limit') {
      throw refuse(
        `You have ${MAX_CONCURRENT.user} uploads in progress. Wait until one is done.`,
        2,
      );
    }
    if (end === 'total-limit') {
      throw new ProblemError(
        'unavailable',
        'Too many modules are being uploaded. Try again in a moment.',
        { headers: { 'retry-after': '5', connection: 'close' } },
      );
    }
    return end;
  }
}

/** Size of the whole body; undefined if the request does not declare it. */
export function givenBytes({ headers }: FastifyRequest): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** @param given the size of the upload. Undefined if reading stopped before it was known */
export function tooLarge(maxBytes: number, given?: number): ProblemError {
  // Closes the connection, because the rest of the body is not read.
  const options = { headers: { connection: 'close' } };
  return given === undefined
    ? new ProblemError(
        'too-large',
        `The module is larger than your tier allows, which is ${maxBytes} bytes. Build it with -O2 and without debug sections.`,
        options,
      )
    : new ProblemError(
        'too-large',
        `The upload has ${given} bytes; your tier allows modules of ${maxBytes}. Build it with -O2 and without debug sections.`,
        options,
      );
}

function refuse(detail: string, seconds: number): ProblemError {
  return new ProblemError('too-many-requests', detail, {
    headers: { 'retry-after': String(seconds), connection: 'close' },
  });
}
