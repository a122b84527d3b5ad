/** Runs the server of `npm start` in a process, on free ports and with its own data folder. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../../scripts/services/free-port.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
const START_MS = 90_000;

export interface StartedServer {
  readonly child: ChildProcess;
  readonly webOrigin: string;
  readonly runOrigin: string;
  /** Resolves when database and store are open too. */
  readonly untilReady: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Resolves when the server has printed that it is running. @param args arguments of Node, in the project's folder */
export async function startServer(
  args: readonly string[] = ['scripts/start.ts'],
): Promise<StartedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-started-'));
  const [web, run] = [await findFreePort(), await findFreePort()];
  const child = spawn(process.execPath, [...args], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      DATA_DIR: folder,
      DATABASE_URL: '',
      PORT: String(web),
      RUN_PORT: String(run),
    },
  });
  let said = '';
  const running = Promise.withResolvers<void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('Trisiel is running')) running.resolve();
  });
  child.once('exit', () => running.reject(new Error(`the server ended: ${said}`)));
  const timer = setTimeout(() => running.reject(new Error(`no start: ${said}`)), START_MS);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  await running.promise.catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  clearTimeout(timer);
  const runOrigin = `http://127.0.0.1:${run}`;
  return {
    child,
    webOrigin: `http://localhost:${web}`,
    runOrigin,
    untilReady: () => untilReady(runOrigin),
    stop,
  };
}

/** @param path has a 2xx response once the server is ready */
export async function untilReady(origin: string, path = '/readyz'): Promise<void> {
  const until = performance.now() + START_MS;
  const isReady = (): Promise<boolean> =>
    fetch(`${origin}${path}`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    assert.ok(performance.now() < until, `${origin}${path} did not become ready`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
