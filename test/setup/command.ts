/** The command `trisiel` for tests: a server with an API and an executor, and a home folder for each test. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { runTrisiel } from '../../cli/parser/run-trisiel.ts';
import { guest } from '../../olin/conformance/guest.ts';
import { findFreePort } from '../../scripts/services/free-port.ts';
import { compile } from '../../sdk/wat/compile.ts';
import type { Database } from '../../server/db/connection/database.ts';
import { createExecutor } from '../../server/executor/service.ts';
import { atEnd } from './at-end.ts';
import {
  signInAs,
  startApi,
  textField,
  type ApiServer,
  type NewCaller,
} from './servers/api-server.ts';

export interface CommandServer extends ApiServer {
  readonly runOrigin: string;
}

/** Starts both origins, as `npm start` does, until the test ends. */
export async function startServer(
  t: TestContext,
  db: Database,
  env: Readonly<Record<string, string>> = {},
): Promise<CommandServer> {
  const runPort = await findFreePort();
  const runOrigin = `http://127.0.0.1:${runPort}`;
  const api = await startApi(t, db, { env: { RUN_ORIGIN: runOrigin, ...env } });
  const { config, store, sealer } = api;
  const executor = createExecutor({
    config,
    db,
    store,
    sealer,
    log: pino({ level: 'silent' }),
    queueSchema: `queue_${randomBytes(6).toString('hex')}`,
  });
  await executor.app.listen({ host: '127.0.0.1', port: runPort });
  await executor.open();
  atEnd(t, () => executor.close());
  return { ...api, runOrigin };
}

/** Builds a module from the body of a guest, as in `olin/conformance/guest.ts`. */
export async function buildGuest(body: string): Promise<Uint8Array<ArrayBuffer>> {
  const built = await compile(guest(body));
  assert.ok(built.ok, JSON.stringify(built));
  return built.module;
}

/** Builds a guest that answers with a text. */
export function answering(words: string): Promise<Uint8Array<ArrayBuffer>> {
  return buildGuest(`(call $show "Content-Type: text/plain\\n\\n") (call $show "${words}")`);
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandRunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Called with each piece of output. */
  readonly onOutput?: (text: string) => void;
}

/** A user with a home folder, a working folder, and perhaps a token. */
export class Person {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;

  constructor(home: string, env: Readonly<Record<string, string>>) {
    this.home = home;
    this.env = env;
  }

  /** Runs the command in this process, without a terminal. */
  async run(argv: readonly string[], options: CommandRunOptions = {}): Promise<Ran> {
    const written = { stdout: '', stderr: '' };
    const take = (name: 'stdout' | 'stderr'): PassThrough => {
      const stream = new PassThrough();
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        written[name] += text;
        options.onOutput?.(text);
      });
      return stream;
    };
    const code = await runTrisiel(
      argv,
      {
        stdin: Readable.from([options.stdin ?? '']),
        stdout: take('stdout'),
        stderr: take('stderr'),
        env: { ...this.env, ...options.env },
        cwd: this.home,
      },
      options.signal ?? new AbortController().signal,
    );
    return { code, ...written };
  }

  /** Runs the command, which must succeed. Returns its standard output. */
  async must(argv: readonly string[], options: CommandRunOptions = {}): Promise<string> {
    const ran = await this.run(argv, options);
    assert.equal(ran.code, 0, `trisiel ${argv.join(' ')}: ${ran.stderr}${ran.stdout}`);
    return ran.stdout;
  }

  /** Runs the command, and returns the value that `--json` printed. */
  async json(argv: readonly string[], options: CommandRunOptions = {}): Promise<unknown> {
    return JSON.parse(await this.must([...argv, '--json'], options));
  }
}

/** @param server undefined: no server is configured */
export async function newPerson(
  t: TestContext,
  env: Readonly<Record<string, string>> = {},
): Promise<Person> {
  const home = await mkdtemp(join(tmpdir(), 'trisiel-home-'));
  atEnd(t, () => rm(home, { recursive: true, force: true }));
  return new Person(home, { HOME: home, XDG_CONFIG_HOME: join(home, 'settings'), ...env });
}

/** Creates a user whose environment has a token with all scopes. */
export async function newAuthor(
  t: TestContext,
  server: ApiServer,
  name: string,
  caller: NewCaller = {},
): Promise<Person> {
  const token = await makeToken(server, name, caller);
  return newPerson(t, { TRISIEL_SERVER: server.origin, TRISIEL_TOKEN: token });
}

export async function makeToken(
  server: ApiServer,
  name: string,
  caller: NewCaller = {},
): Promise<string> {
  const browser = await signInAs(server, name, caller);
  const scopes = [
    ...['account:read', 'account:write', 'tokens:read', 'tokens:write', 'handlers:read'],
    ...['handlers:write', 'handlers:call', 'config:write', 'executions:read'],
    ...(caller.isAdmin === true ? ['admin'] : []),
  ];
  const made = await browser.send('POST', '/api/tokens', { json: { name: 'test', scopes } });
  assert.equal(made.status, 201, made.text);
  return textField(made.body, 'token');
}

/** Writes a file to a person's folder. Returns its path. */
export async function put(
  ada: Person,
  file: string,
  content: string | Uint8Array,
): Promise<string> {
  const path = join(ada.home, file);
  await writeFile(path, content);
  return path;
}

/** Deploys a guest that answers with a text. Returns what `--json` printed. */
export async function deploy(ada: Person, name: string, words: string, ...more: string[]) {
  return ada.json([
    'deploy',
    await put(ada, `${name}.wasm`, await answering(words)),
    '--name',
    name,
    ...more,
  ]);
}

export function firstOf(list: unknown): unknown {
  assert.ok(Array.isArray(list) && list.length > 0, JSON.stringify(list));
  return list[0];
}
