/** A real Gitea for tests: with SQLite in a temporary folder, on a free port of this machine, with one user. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from './free-port.ts';
import { isBuilt, programPath, sharePath } from './go-program.ts';
import { GITEA } from './issuer-programs.ts';

export interface GiteaServer {
  /** Without a final slash; Gitea's `ROOT_URL` has one. */
  readonly origin: string;
  readonly username: string;
  readonly password: string;
  /** Registers a confidential client. */
  addApplication(redirectUri: string): Promise<{ readonly id: string; readonly secret: string }>;
  rename(username: string, newName: string): Promise<void>;
  stop(): Promise<void>;
}

const START_MS = 60_000;
const runFile = promisify(execFile);

/** Starts Gitea, or returns why it cannot. */
export async function startGitea(): Promise<GiteaServer | { readonly reason: string }> {
  if (!(await isBuilt(GITEA))) {
    return {
      reason:
        'Gitea is not built. Build it with Go, in a few minutes: node scripts/services/issuer-programs.ts',
    };
  }
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-gitea-'));
  const port = await findFreePort();
  const origin = `http://127.0.0.1:${port}`;
  const ini = join(folder, 'app.ini');
  await writeFile(ini, settings(folder, port));
  const args = ['--config', ini, '--work-path', folder];
  const env = { PATH: process.env['PATH'], HOME: folder, USER: userInfo().username };
  const server = spawn(programPath(GITEA), ['web', ...args], { stdio: 'ignore', env });
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  const [username, password] = ['ada', 'correct horse 7'];
  let current = username;
  const call = async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${current}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Gitea returned ${response.status} for ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  try {
    const until = Date.now() + START_MS;
    while (
      !(await fetch(`${origin}/api/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (Date.now() > until || server.exitCode !== null) throw new Error('Gitea did not start');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const user = ['--username', username, '--password', password, '--email', 'ada@example.org'];
    const create = ['admin', 'user', 'create', '--admin', '--must-change-password=false', ...user];
    await runFile(programPath(GITEA), [...create, ...args], { env });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    origin,
    username,
    password,
    async addApplication(redirectUri) {
      const made = await call('/user/applications/oauth2', {
        name: 'Trisiel',
        redirect_uris: [redirectUri],
        confidential_client: true,
      });
      return { id: textOf(made, 'client_id'), secret: textOf(made, 'client_secret') };
    },
    async rename(name, newName) {
      await call(`/admin/users/${name}/rename`, { new_username: newName });
      if (name === current) current = newName;
    },
    stop,
  };
}

function textOf(value: unknown, name: string): string {
  const found =
    typeof value === 'object' && value !== null
      ? Object.entries(value).find(([key]) => key === name)?.[1]
      : undefined;
  if (typeof found !== 'string') throw new Error(`Gitea's response has no ${name}.`);
  return found;
}

function settings(folder: string, port: number): string {
  return `RUN_MODE = prod
RUN_USER = ${userInfo().username}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = http://127.0.0.1:${port}/
STATIC_ROOT_PATH = ${sharePath(GITEA)}
DISABLE_SSH = true
OFFLINE_MODE = true
LFS_START_SERVER = false
[database]
DB_TYPE = sqlite3
PATH = ${join(folder, 'gitea.db')}
[repository]
ROOT = ${join(folder, 'repositories')}
[security]
INSTALL_LOCK = true
SECRET_KEY = only-for-a-test
INTERNAL_TOKEN = eyJhbGciOiJIUzI1NiJ9.eyJuYmYiOjF9.X0
PASSWORD_HASH_ALGO = pbkdf2_v1
[oauth2]
JWT_SECRET = ${Buffer.alloc(32, 7).toString('base64url')}
[cron]
ENABLED = false
[log]
LEVEL = Error
[mailer]
ENABLED = false
`;
}
