/** A worker that may never answer: each call races a deadline and the termination of the worker. */
import { wrap, type Remote } from 'comlink';
import type { Failure, WorkerResult } from './worker-api.ts';

export class SupervisedWorker<Api> {
  readonly #spawn: () => Worker;
  #worker: Worker | undefined;
  #remote: Remote<Api> | undefined;
  /** Settles the pending calls when the worker is terminated. */
  readonly #pending = new Set<(error: Failure) => void>();

  constructor(spawn: () => Worker) {
    this.#spawn = spawn;
  }

  /** The worker's interface. The worker is started on first use. */
  get remote(): Remote<Api> {
    if (this.#remote !== undefined) return this.#remote;
    const worker = this.#spawn();
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      if (this.#worker !== worker) return;
      const reason =
        event.message === undefined || event.message === '' ? '' : `: ${event.message}`;
      this.end({ code: 'worker', message: `The page's worker failed${reason}. Run again.` });
    });
    this.#worker = worker;
    this.#remote = wrap<Api>(worker);
    return this.#remote;
  }

  /**
   * Calls the worker. At the deadline the worker is terminated, and the next call starts a new one.
   * Never rejects.
   */
  call<Value>(
    ask: (remote: Remote<Api>) => Promise<WorkerResult<Value>>,
    deadlineMs: number,
  ): Promise<WorkerResult<Value>> {
    return new Promise((resolve) => {
      const settle = (result: WorkerResult<Value>): void => {
        clearTimeout(timer);
        this.#pending.delete(fail);
        resolve(result);
      };
      const fail = (error: Failure): void => settle({ ok: false, error });
      const timer = setTimeout(() => {
        const message = `There was no result within ${deadlineMs / 1000} seconds, so it was stopped.`;
        this.end({ code: 'deadline', message });
      }, deadlineMs);
      this.#pending.add(fail);
      Promise.resolve(ask(this.remote)).then(settle, (error: unknown) => {
        fail({ code: 'worker', message: error instanceof Error ? error.message : String(error) });
      });
    });
  }

  /** Terminates the worker and settles its pending calls. */
  end(reason: Failure): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#remote = undefined;
    this.#pending.forEach((fail) => fail(reason));
  }
}
