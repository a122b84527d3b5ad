/**
 * A complete server (web origin, executor processes, PostgreSQL), an attacker who uploads through the API, and a
 * neighbour.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findFreePort } from '../../scripts/services/free-port.ts';
import type { Database } from '../../server/db/connection/database.ts';
import { openPostgres } from '../../server/db/connection/postgres.ts';
import { Sealer } from '../../server/sealer.ts';
import { openFileStore } from '../../server/store/files.ts';
import { atEnd } from '../setup/at-end.ts';
import { Authors } from '../setup/servers/executor-server.ts';
import { untilReady } from '../setup/servers/started-server.ts';

const START = new URL('../../scripts/start.ts', import.meta.url).pathname;
/** A call without a response or an error for this long counts as hung; no run may take longer than 10 s. */
const HANGS_MS = 45_000;

const MAX_READ_BYTES = 1024 * 1024;
/** Maximum time that a neighbour should wait. */
const SLOW_MS = 50;

export interface Answer {
  /** 0 if the connection was closed without a response. */
  readonly status: number;
  readonly text: string;
  readonly executionId: string | null;
}

export interface HostileWorld {
  readonly db: Database;
  readonly runPort: number;
  readonly authors: Authors;
  readonly webOrigin: string;
  readonly runOrigin: string;
  readonly logged: () => string;
  readonly describeMemory: () => Promise<string>;
}

/** Resolves when everything is ready; ends with the test. */
export async function startHostileWorld(
  t: TestContext,
  databaseUrl: string,
): Promise<HostileWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-hostile-'));
  const key = randomBytes(32);
  const [port, runPort] = [await findFreePort(), await findFreePort()];
  const [webOrigin, runOrigin] = [`http://localhost:${port}`, `http://127.0.0.1:${runPort}`];
  const child = spawn(process.execPath, [START, '--processes', '2'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DATA_DIR: folder,
      DATABASE_URL: databaseUrl,
      SECRET_KEYS: key.toString('base64'),
      PORT: String(port),
      RUN_PORT: String(runPort),
      WEB_ORIGIN: webOrigin,
      RUN_ORIGIN: runOrigin,
      REQUESTS_PER_MINUTE: '1000000',
      LOG_LEVEL: 'warn',
    },
  });
  let said = '';
  const listen = (chunk: Buffer): void => void (said = (said + chunk.toString()).slice(-100_000));
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const db = openPostgres({ url: databaseUrl, pool: 2 });
  atEnd(t, async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });
  await untilReady(runOrigin);
  // The web process starts after the documentation is built.
  await untilReady(`${webOrigin}/api`, '/tiers');
  const store = openFileStore(join(folder, 'modules'));
  return {
    db,
    runPort,
    authors: new Authors(db, store, new Sealer([key]), webOrigin),
    webOrigin,
    runOrigin,
    logged: () => said,
    describeMemory: () => describeMemory(child.pid ?? 0),
  };
}

/** Sends a request. A broken connection gives an answer with status 0. Rejects only if the call hangs. */
export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(HANGS_MS) });
    const executionId = response.headers.get('trisiel-execution');
    const text = await readHead(response).catch(() => '');
    return { status: response.status, text, executionId };
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') {
      throw new Error(`${url} got no response, and its connection stayed open`, { cause: error });
    }
    const cause = error instanceof Error ? error.cause : undefined;
    return { status: 0, text: `${String(error)}: ${String(cause)}`, executionId: null };
  }
}

/** Reads the first mebibyte, and then disconnects, so that this process does not affect the measurement. */
async function readHead(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MAX_READ_BYTES) break;
  }
  return Buffer.concat(chunks).toString();
}

/** Requests the URL repeatedly until it is stopped, and records how long each response took. */
export class Probe {
  readonly times: number[] = [];
  readonly failures: string[] = [];
  readonly #slow: { readonly ms: number; readonly during: string }[] = [];
  #isOver = false;
  readonly #done: Promise<void>;

  readonly #during: () => string;

  /** @param during describes the current attacks, for the report of the slowest responses */
  constructor(url: string, everyMs: number, during: () => string) {
    this.#during = during;
    this.#done = this.#ask(url, everyMs);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  describe(): string {
    const [p50, p99] = [this.percentile(0.5), this.percentile(0.99)];
    const slowest = this.#slow.toSorted((a, b) => b.ms - a.ms).slice(0, 5);
    return [
      `${this.times.length} requests, ${this.failures.length} failed, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${this.#slow.length} over ${SLOW_MS} ms`,
      ...slowest.map(({ ms, during }) => `  ${ms.toFixed(0)} ms during ${during}`),
    ].join('\n');
  }

  percentile(part: number): number {
    const sorted = this.times.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  }

  async #ask(url: string, everyMs: number): Promise<void> {
    while (!this.#isOver) {
      const began = performance.now();
      const { status, text } = await request(url);
      const ms = performance.now() - began;
      this.times.push(ms);
      if (ms > SLOW_MS) this.#slow.push({ ms, during: this.#during() });
      if (status !== 200) this.failures.push(`${status} ${text.slice(0, 200)}`);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}

/** Describes the memory of the server's processes by kind. Idle probation and check processes are stopped. */
async function describeMemory(supervisor: number): Promise<string> {
  const children = await readFile(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8');
  const byKind = new Map<string, number>();
  for (const pid of children.trim().split(' ')) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    const kind = /(?:^|\0)TRISIEL_PROCESS=(\w+)/.exec(environment)?.[1] ?? 'unknown';
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const mib = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
    byKind.set(kind, (byKind.get(kind) ?? 0) + mib);
  }
  return Array.from(byKind, ([kind, mib]) => `${kind} ${mib.toFixed(0)} MiB`).join(', ');
}
