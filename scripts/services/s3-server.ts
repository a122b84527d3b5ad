/** A real S3 server for tests: versitygw over a temporary folder, on a free port of this machine. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Settings } from '../../server/config.ts';
import { findFreePort } from './free-port.ts';
import { buildOnce, programPath, type GoProgram } from './go-program.ts';

export interface RunningS3 {
  /** Settings for an empty bucket. */
  readonly settings: S3Settings;
  /** Kills the server and keeps its objects, so that it can be started again. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** Stops the server and deletes its objects. */
  stop(): Promise<void>;
}

const PROGRAM: GoProgram = {
  name: 'versitygw',
  module: 'github.com/versity/versitygw',
  version: 'v1.8.0',
  package: 'github.com/versity/versitygw/cmd/versitygw',
};
const START_MS = 20_000;

/** Starts the server, or returns why it cannot. Built on first use if Go is installed. */
export async function startS3(): Promise<RunningS3 | { readonly reason: string }> {
  const reason = await buildOnce(PROGRAM);
  if (reason !== undefined) return { reason };
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-s3-'));
  const bucket = 'modules';
  await mkdir(join(folder, bucket));
  const port = await findFreePort();
  const keys = { accessKeyId: 'test-key', secretAccessKey: 'test-secret-0123456789' };
  const endpoint = `http://127.0.0.1:${port}`;
  let server: ChildProcess;
  const start = async (): Promise<void> => {
    server = spawn(programPath(PROGRAM), ['--port', `127.0.0.1:${port}`, 'posix', folder], {
      stdio: 'ignore',
      env: {
        ROOT_ACCESS_KEY_ID: keys.accessKeyId,
        ROOT_SECRET_ACCESS_KEY: keys.secretAccessKey,
        PATH: process.env['PATH'],
      },
    });
    const until = Date.now() + START_MS;
    while (!(await answers(endpoint))) {
      if (Date.now() > until || server.exitCode !== null)
        throw new Error('versitygw did not start');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const halt = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  const stop = async (): Promise<void> => {
    await halt();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    settings: { endpoint, region: 'us-east-1', bucket, ...keys },
    halt,
    start,
    stop,
  };
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint).then(
    async (response) => {
      await response.body?.cancel();
      return true;
    },
    () => false,
  );
}
