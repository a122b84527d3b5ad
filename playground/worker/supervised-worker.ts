/** A worker that is never trusted to answer: each call races a deadline and the worker's end. */
import { wrap, type Remote } from 'comlink';
import type { Failure, Reply } from './worker-api.ts';

export class SupervisedWorker<Api> {
  readonly #spawn: () => Worker;
  #worker: Worker | undefined;
  #remote: Remote<Api> | undefined;
  /** What to tell the calls under way when the worker is ended. */
  readonly #open = new Set<(error: Failure) => void>();

  constructor(spawn: () => Worker) {
    this.#spawn = spawn;
  }

  /** The worker's interface; the worker is started on first use. */
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
   * One call. Past the deadline the worker is ended, and the next call starts another.
   * Never rejects.
   */
  call<Value>(
    ask: (remote: Remote<Api>) => Promise<Reply<Value>>,
    deadlineMs: number,
  ): Promise<Reply<Value>> {
    return new Promise((resolve) => {
      const settle = (reply: Reply<Value>): void => {
        clearTimeout(timer);
        this.#open.delete(fail);
        resolve(reply);
      };
      const fail = (error: Failure): void => settle({ ok: false, error });
      const timer = setTimeout(() => {
        const message = `Nothing came back within ${deadlineMs / 1000} seconds, so it was stopped.`;
        this.end({ code: 'deadline', message });
      }, deadlineMs);
      this.#open.add(fail);
      Promise.resolve(ask(this.remote)).then(settle, (error: unknown) => {
        fail({ code: 'worker', message: error instanceof Error ? error.message : String(error) });
      });
    });
  }

  /** Ends the worker whatever it is doing, and with it the calls under way. */
  end(reason: Failure): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#remote = undefined;
    this.#open.forEach((fail) => fail(reason));
  }
}
