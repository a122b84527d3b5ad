/**
 * A process a core, behind one that does nothing else: it replaces a process that dies or hangs, and stops all when it is
 * asked to. Where the system cannot have them listen at one port each by itself (`listen.ts`), it shares that out too.
 */
import cluster, { type Worker } from 'node:cluster';
import { needFree } from '../listen.ts';
import { LONGEST_RUN_MS } from '../tiers.ts';
import { answerForAll } from './supervised-metrics.ts';
import { LISTENING, waitUntilHung } from './supervised.ts';

export interface SupervisedProcess {
  /** What it is told in TRISIEL_PROCESS. */
  readonly kind: 'api' | 'executor';
  readonly count: number;
}

export interface SupervisorOptions {
  readonly processes: readonly SupervisedProcess[];
  /** Of all of them, by the settings that they are told them by. */
  readonly ports: Readonly<Record<'PORT' | 'RUN_PORT', number>>;
  readonly host: string;
  /** Where compiled code of the server is kept, so that a process that is replaced is back in half the time. */
  readonly cacheFolder: string;
  readonly say: (text: string) => void;
}

const PORT_OF = { api: 'PORT', executor: 'RUN_PORT' } as const;

/** A process that dies sooner than this after its start is replaced after a pause that grows. */
const YOUNG_MS = 5000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** Those who do not stop by then are killed: what is under way may take its time, and is written after it. */
const STOP_MS = LONGEST_RUN_MS + 20_000;

/**
 * Starts all, and settles when all listen. They are replaced until SIGINT or SIGTERM stops them. Ends the program with a
 * sentence where a port is taken.
 */
export async function supervise(options: SupervisorOptions): Promise<void> {
  const { processes, ports, host, cacheFolder, say } = options;
  for (const { kind } of processes) await needFree(ports[PORT_OF[kind]], PORT_OF[kind], host);
  cluster.schedulingPolicy = cluster.SCHED_RR;
  // The API's metrics are its own.
  answerForAll(() =>
    alive().filter((each) => kinds.get(each) === 'executor' && each.isConnected()),
  );
  const stopping = new AbortController();
  const env = {
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? cacheFolder,
    PORT: String(ports.PORT),
    RUN_PORT: String(ports.RUN_PORT),
  };
  const ready = processes.flatMap(({ kind, count }) =>
    Array.from({ length: count }, () => keepAlive(kind, env, say, stopping.signal)),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      say('Stopping …');
      stopping.abort();
      for (const worker of alive()) worker.process.kill('SIGTERM');
      setTimeout(() => {
        for (const worker of alive()) worker.process.kill('SIGKILL');
      }, STOP_MS).unref();
    });
  }
  await Promise.all(ready);
}

const kinds = new WeakMap<Worker, SupervisedProcess['kind']>();

function alive(): readonly Worker[] {
  return Object.values(cluster.workers ?? {}).filter((each) => each !== undefined);
}

/** Keeps one process of a kind alive. Settles when it listens for the first time. */
function keepAlive(
  kind: SupervisedProcess['kind'],
  env: Readonly<Record<string, string>>,
  say: SupervisorOptions['say'],
  stopping: AbortSignal,
): Promise<void> {
  const listening = Promise.withResolvers<void>();
  let pauseMs = FIRST_PAUSE_MS;
  const start = (): void => {
    if (stopping.aborted) return;
    const startedAt = performance.now();
    const worker: Worker = cluster.fork({ ...env, TRISIEL_PROCESS: kind });
    kinds.set(worker, kind);
    worker.on('message', (message) => {
      if (message !== LISTENING) return;
      listening.resolve();
      void waitUntilHung(worker).then((isHung) => {
        if (!isHung) return;
        say(`A process (${kind}) hangs; it is ended.`);
        worker.process.kill('SIGKILL');
      });
    });
    worker.once('exit', (code, signal) => {
      if (stopping.aborted) return;
      const isYoung = performance.now() - startedAt < YOUNG_MS;
      pauseMs = isYoung ? Math.min(pauseMs * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
      say(`A process (${kind}) ended with ${signal ?? `status ${code}`}; a new one is started.`);
      setTimeout(start, isYoung ? pauseMs : 0);
    });
  };
  start();
  return listening.promise;
}
