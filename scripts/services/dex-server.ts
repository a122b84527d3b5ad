/** A real Dex for tests: in memory, on a free port of this machine, with one static user. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from './free-port.ts';
import { buildOnce, programPath } from './go-program.ts';
import { DEX } from './issuer-programs.ts';

export interface DexServer {
  readonly issuer: string;
  readonly email: string;
  readonly password: string;
  readonly clientId: string;
  readonly clientSecret: string;
  stop(): Promise<void>;
}

const START_MS = 30_000;

/** Starts Dex, or returns why it cannot. Built on first use if Go is installed. */
export async function startDex(
  redirectUri: string,
): Promise<DexServer | { readonly reason: string }> {
  const reason = await buildOnce(DEX);
  if (reason !== undefined) return { reason };
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-dex-'));
  const port = await findFreePort();
  const issuer = `http://127.0.0.1:${port}/dex`;
  const [clientId, clientSecret] = ['trisiel-web', 'only_for-a-test'];
  const email = 'ada@example.org';
  // JSON is valid YAML.
  const config = {
    issuer,
    storage: { type: 'memory' },
    web: { http: `127.0.0.1:${port}` },
    staticClients: [
      { id: clientId, secret: clientSecret, name: 'Trisiel', redirectURIs: [redirectUri] },
    ],
    enablePasswordDB: true,
    staticPasswords: [
      {
        email,
        // bcrypt hash of `password`.
        hash: '$2a$10$2b2cU8CPhOTaGrs1HRQuAueS7JTT5ZHsHSzYiFPm1leZck7Mc8T4W',
        username: 'ada',
        userID: '08a8684b-db88-4b73-90a9-3cd1661f5466',
      },
    ],
  };
  const file = join(folder, 'config.yaml');
  await writeFile(file, JSON.stringify(config));
  const server = spawn(programPath(DEX), ['serve', file], { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  const until = Date.now() + START_MS;
  while (
    !(await fetch(`${issuer}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (Date.now() > until || server.exitCode !== null) {
      await stop();
      throw new Error('Dex did not start');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { issuer, email, password: 'password', clientId, clientSecret, stop };
}
