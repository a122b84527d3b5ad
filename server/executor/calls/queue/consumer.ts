/**
 * Takes jobs from one queue of pg-boss and runs them, several at a time. pg-boss has workers of its own; each of them
 * takes one job, runs it, settles it, and sleeps until the next poll, so eight workers ran 16 jobs a second
 * (`bench -- calls`). This one takes as many as there is room for, settles them in batches, and looks for more when it is
 * woken or has room again.
 */
import { Batches } from '../batches.ts';
import { HEARTBEAT_SECONDS } from './boss.ts';
import type { CallJob, Jobs } from './jobs.ts';

/**
 * Runs a job; throws if the queue must retry.
 * @param tries number of earlier deliveries
 * @param lease aborted when the queue gives the job to another process because this one missed its heartbeats
 */
export type RunJob = (callId: string, tries: number, lease: AbortSignal) => Promise<void>;

export interface ConsumerOptions {
  readonly jobs: Jobs;
  /** Concurrent jobs in this process, in total and per owner. */
  readonly concurrency: number;
  readonly ownerConcurrency: number;
  /** For jobs that no notice announces: retries that have become due, and those of notices that were lost. */
  readonly pollMs: number;
  readonly run: RunJob;
  readonly onError: (error: unknown) => void;
}

interface HeldJob {
  readonly job: CallJob;
  readonly lease: AbortController;
}

const TOUCH_MS = (HEARTBEAT_SECONDS * 1000) / 2;
/** Jobs without a group have no owner; there are none today. */
const NO_OWNER = '';

export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #completions: Batches<CallJob, undefined>;
  readonly #held = new Map<string, HeldJob>();
  readonly #failing = new Set<Promise<void>>();
  #isStopping = false;
  /** Whether to look again without waiting. */
  #isDue = false;
  /** Whether jobs may wait that there was no room for. */
  #isMore = false;
  #wakeUp: (() => void) | undefined;
  #onEmpty: (() => void) | undefined;
  #loop: Promise<void> = Promise.resolve();
  #touching: NodeJS.Timeout | undefined;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#completions = new Batches(async (jobs) => {
      await options.jobs.complete(jobs);
      return jobs.map(() => undefined);
    });
  }

  start(): void {
    this.#loop = this.#work();
    this.#touching = setInterval(() => void this.#touch(), TOUCH_MS).unref();
  }

  /** Looks for jobs now. */
  wake(): void {
    this.#isDue = true;
    this.#wakeUp?.();
  }

  /** Takes no more jobs, and waits for those that run. After `ms` the rest is given back to the queue. */
  async close(ms: number): Promise<void> {
    this.#isStopping = true;
    this.wake();
    await this.#loop;
    if (this.#held.size > 0) {
      const emptied = new Promise<void>((resolve) => (this.#onEmpty = resolve));
      const timer = setTimeout(() => this.#onEmpty?.(), ms);
      await emptied;
      clearTimeout(timer);
    }
    clearInterval(this.#touching);
    const rest = Array.from(this.#held.values());
    this.#held.clear();
    if (rest.length > 0) {
      const jobs = rest.map(({ job }) => job);
      await this.#fail(jobs, new Error('the process stopped before the call ended'));
    }
    for (const { lease } of rest) lease.abort();
    await Promise.all([this.#completions.idle(), ...this.#failing]);
  }

  async #work(): Promise<void> {
    while (!this.#isStopping) {
      this.#isDue = false;
      let isBusy = false;
      try {
        isBusy = await this.#take();
      } catch (error) {
        this.#options.onError(error);
      }
      if (!isBusy) await this.#rest();
    }
  }

  /** Takes jobs for which there is room. Returns whether it should look again at once. */
  async #take(): Promise<boolean> {
    const { concurrency, ownerConcurrency } = this.#options;
    const { full, most } = this.#countOwners();
    // No owner can exceed its share by what one fetch returns, so nothing need be given back.
    const room = Math.min(concurrency - this.#held.size, ownerConcurrency - most);
    this.#isMore = room === 0 || full.length > 0;
    if (room === 0) return false;
    const jobs = await this.#options.jobs.take(room, full);
    for (const job of jobs) void this.#run(job);
    if (jobs.length === room) this.#isMore = true;
    return jobs.length === room;
  }

  /** Owners whose share is used up, and the most jobs that another owner has. */
  #countOwners(): { readonly full: string[]; readonly most: number } {
    const counts = new Map<string, number>();
    for (const { job } of this.#held.values()) {
      const owner = ownerOf(job);
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    const { ownerConcurrency } = this.#options;
    const full: string[] = [];
    let most = 0;
    for (const [owner, count] of counts) {
      if (count >= ownerConcurrency) full.push(owner);
      else most = Math.max(most, count);
    }
    return { full, most };
  }

  async #run(job: CallJob): Promise<void> {
    const held = { job, lease: new AbortController() };
    this.#held.set(job.id, held);
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#options.run(job.data.id, job.retryCount, held.lease.signal);
    } catch (error) {
      failure = { error };
    }
    // Given back at the end already.
    if (!this.#held.delete(job.id)) return;
    if (this.#isMore) this.wake();
    if (this.#held.size === 0) this.#onEmpty?.();
    if (failure !== undefined) return this.#fail([job], failure.error);
    // If that fails, the job is delivered again after its heartbeat is missed, and finds that its call has ended.
    await this.#completions.add(job).catch(this.#options.onError);
  }

  async #fail(jobs: readonly CallJob[], reason: unknown): Promise<void> {
    const message = reason instanceof Error ? reason.message : String(reason);
    const failed = this.#options.jobs.fail(jobs, message).catch(this.#options.onError);
    this.#failing.add(failed);
    await failed;
    this.#failing.delete(failed);
  }

  /** Tells the queue that this process is alive, and ends the leases of jobs that another process has now. */
  async #touch(): Promise<void> {
    const held = Array.from(this.#held.values());
    if (held.length === 0) return;
    try {
      const ours = await this.#options.jobs.touch(held.map(({ job }) => job));
      for (const { job, lease } of held) if (!ours.has(job.id)) lease.abort();
    } catch (error) {
      // It says nothing about the leases.
      this.#options.onError(error);
    }
  }

  /** Waits for a wake-up, or for the next poll. */
  #rest(): Promise<void> {
    if (this.#isDue || this.#isStopping) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wakeUp = undefined;
        resolve();
      };
      const timer = setTimeout(done, this.#options.pollMs);
      this.#wakeUp = done;
    });
  }
}

function ownerOf({ groupId }: CallJob): string {
  return groupId ?? NO_OWNER;
}
