/** The page's side of the workers: start a run, stop it, keep a worker warm, compile. */
import { transfer } from 'comlink';
import { SupervisedWorker } from './supervised-worker.ts';
import type {
  Compiled,
  Compiler,
  Failure,
  Job,
  PageLanguage,
  Reply,
  RunEvent,
  Runner,
} from './worker-api.ts';

/** Past the guest's own time limit, for the worker to start and to tell of it. */
const GRACE_MS = 5_000;
/** How long a guest that was asked to stop has until its worker is ended. */
const STOP_MS = 150;
const COMPILE_MS = 60_000;

/** A run under way. */
export interface Running {
  /** Settles when the last event was given out; never rejects. */
  readonly done: Promise<void>;
  /** Ends the run, by asking first and by force after. */
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

  /** Starts the worker and has it compile the module of a URL. */
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
    const give = (error: Failure): void => {
      if (ended) return;
      ended = true;
      onEvents([{ type: 'failed', error }]);
    };
    const done = this.#runner
      .call((remote) => remote.run(job, transfer(port2, [port2])), job.wallMs + GRACE_MS)
      .then(async (reply) => {
        // The worker's own failures were told on the port; a worker that is gone tells nothing.
        if (reply.ok) await last;
        else if (isOurs(reply.error)) give(reply.error);
        else await last;
        port1.close();
        if (!reply.ok && isOurs(reply.error)) this.#rewarm();
      });
    return { done, stop: () => this.#stop(() => ended) };
  }

  compile(language: PageLanguage, source: string): Promise<Reply<Compiled>> {
    return this.#compiler.call((remote) => remote.compile(language, source), COMPILE_MS);
  }

  /** Loads a compiler ahead of its use. */
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

/** Failures that end the worker, so that no event of the run follows. */
function isOurs(error: Failure): boolean {
  return error.code === 'worker' || error.code === 'deadline' || error.code === 'stopped';
}
