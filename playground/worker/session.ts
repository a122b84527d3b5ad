/** The page's interface to its workers: starts and stops runs, keeps a worker warm, compiles. */
import { transfer } from 'comlink';
import type { PageLanguage } from '../../sdk/languages.ts';
import { SupervisedWorker } from './supervised-worker.ts';
import type {
  Compiled,
  Compiler,
  Failure,
  Job,
  WorkerResult,
  RunEvent,
  Runner,
} from './worker-api.ts';

/** Added to the guest's time limit, for the worker to start and to report the result. */
const GRACE_MS = 5_000;
/** Time a guest has to stop when asked, before its worker is terminated. */
const STOP_MS = 150;
const COMPILE_MS = 60_000;

/** A run in progress. */
export interface Running {
  /** Resolves after the last event was delivered. Never rejects. */
  readonly done: Promise<void>;
  /** Asks the guest to stop, then terminates its worker. */
  stop(): void;
}

export class Session {
  readonly #runner = new SupervisedWorker<Runner>(
    () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'run' }),
  );
  readonly #compiler = new SupervisedWorker<Compiler>(
    () =>
      new Worker(new URL('./compile-worker.ts', import.meta.url), {
        type: 'module',
        name: 'compile',
      }),
  );
  #warmUrl: string | undefined;

  /** Starts the worker and makes it compile the module at a URL. */
  warm(url: string): void {
    this.#warmUrl = url;
    void this.#runner.call((remote) => remote.warm(url), COMPILE_MS);
  }

  /** Starts a run. `onEvents` gets every event in order, the last being `end` or `failed`. */
  start(job: Job, onEvents: (events: readonly RunEvent[]) => void): Running {
    const { port1, port2 } = new MessageChannel();
    let ended = false;
    const last = new Promise<void>((resolve) => {
      port1.addEventListener('message', ({ data }: MessageEvent<readonly RunEvent[]>) => {
        if (ended) return;
        ended = data.some(({ type }) => type === 'end' || type === 'failed');
        onEvents(data);
        if (ended) resolve();
      });
    });
    port1.start();
    const fail = (error: Failure): void => {
      if (ended) return;
      ended = true;
      onEvents([{ type: 'failed', error }]);
    };
    const done = this.#runner
      .call((remote) => remote.run(job, transfer(port2, [port2])), job.wallMs + GRACE_MS)
      .then(async (result) => {
        // The worker reports its own failures on the port; a terminated worker reports nothing.
        if (result.ok) await last;
        else if (endedWorker(result.error)) fail(result.error);
        else await last;
        port1.close();
        if (!result.ok && endedWorker(result.error)) this.#rewarm();
      });
    return { done, stop: () => this.#stop(() => ended) };
  }

  compile(language: PageLanguage, source: string): Promise<WorkerResult<Compiled>> {
    return this.#compiler.call((remote) => remote.compile(language, source), COMPILE_MS);
  }

  /** Loads a compiler before it is needed. */
  loadCompiler(language: PageLanguage): void {
    void this.#compiler.call((remote) => remote.load(language), COMPILE_MS);
  }

  /** Ends a compilation. */
  stopCompiler(): void {
    this.#compiler.end(STOPPED);
  }

  #stop(hasEnded: () => boolean): void {
    void this.#runner.remote.cancel();
    setTimeout(() => {
      if (!hasEnded()) this.#runner.end(STOPPED);
    }, STOP_MS);
  }

  #rewarm(): void {
    if (this.#warmUrl !== undefined) this.warm(this.#warmUrl);
  }
}

const STOPPED: Failure = { code: 'stopped', message: 'Stopped.' };

/** Reports whether the failure terminated the worker, so that no further event follows. */
function endedWorker(error: Failure): boolean {
  return error.code === 'worker' || error.code === 'deadline' || error.code === 'stopped';
}
