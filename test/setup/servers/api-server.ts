/** A running API for tests, and a client that keeps cookies. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findFreePort } from '../../../scripts/services/free-port.ts';
import { buildApp } from '../../../server/api/app.ts';
import { openChecks, type ApiOptions, type Checks } from '../../../server/api/services.ts';
import { newSecret } from '../../../server/auth/session.ts';
import { readConfig, type Config } from '../../../server/config.ts';
import type { Database } from '../../../server/db/connection/database.ts';
import { insertSession } from '../../../server/db/accounts/sessions.ts';
import { updateUser, upsertUser } from '../../../server/db/accounts/users.ts';
import { createLog } from '../../../server/log.ts';
import { closeApp } from '../../../server/process/supervisor/listen.ts';
import { Sealer } from '../../../server/sealer.ts';
import { openFileStore } from '../../../server/store/files.ts';
import type { ObjectStore } from '../../../server/store/store.ts';
import { atEnd } from '../at-end.ts';
import { assertSentenceIsListed } from '../sentences.ts';

export interface ApiServer {
  readonly origin: string;
  readonly port: number;
  readonly config: Config;
  readonly sealer: Sealer;
  readonly store: ObjectStore;
  readonly db: Database;
  /** Returns everything that was logged, as text. */
  readonly logged: () => string;
  readonly clock: () => Date;
  /** Moves the server's clock forward. */
  readonly pass: (ms: number) => void;
  readonly close: () => Promise<void>;
}

export interface ApiServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly store?: ObjectStore;
  readonly sealer?: Sealer;
  /** Port of a closed server that this one replaces. */
  readonly port?: number;
  readonly checkExecutors?: ApiOptions['checkExecutors'];
}

/**
 * By time limit, shared by the servers of a file, because starting check processes costs a second of CPU time. They end
 * with the file's process.
 */
const shared = new Map<number, Checks>();

function sharedChecks(timeoutMs: number): Checks {
  const known = shared.get(timeoutMs) ?? openChecks(timeoutMs);
  shared.set(timeoutMs, known);
  return { ...known, close: async () => undefined };
}

/** Starts an API that listens until the test ends. */
export async function startApi(
  t: TestContext,
  db: Database,
  options: ApiServerOptions = {},
): Promise<ApiServer> {
  const port = options.port ?? (await findFreePort());
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-api-'));
  const config = readConfig(
    { DATA_DIR: folder, REQUESTS_PER_MINUTE: '100000', ...options.env },
    { web: port, run: port },
  );
  const store = options.store ?? openFileStore(join(folder, 'modules'));
  const sealer = options.sealer ?? new Sealer([randomBytes(32)]);
  const lines: string[] = [];
  let offsetMs = 0;
  const clock = (): Date => new Date(Date.now() + offsetMs);
  const app = await buildApp({
    config,
    db,
    store,
    sealer,
    clock,
    checks: sharedChecks(config.uploadCheckMs),
    ...(options.checkExecutors === undefined ? {} : { checkExecutors: options.checkExecutors }),
    log: createLog('debug', { write: (line: string) => void lines.push(line) }),
  });
  await app.listen({ host: '127.0.0.1', port });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeApp(app));
  atEnd(t, async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    origin: config.webOrigin,
    port,
    config,
    sealer,
    store,
    db,
    clock,
    logged: () => lines.join(''),
    pass: (ms) => void (offsetMs += ms),
    close,
  };
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The body as JSON, or undefined. */
  readonly body: unknown;
  readonly text: string;
}

export interface ApiRequest {
  readonly token?: string;
  readonly json?: unknown;
  readonly body?: Uint8Array<ArrayBuffer> | string | FormData;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests as a browser does: keeps cookies and sends an Origin header, but follows no redirect by itself. */
export class Browser {
  readonly #origin: string;
  readonly cookies = new Map<string, string>();
  /** Set by {@link signInAs}. */
  userId = '';

  constructor(origin: string) {
    this.#origin = origin;
  }

  async send(method: string, target: string, request: ApiRequest = {}): Promise<Reply> {
    const { token, json, body, headers = {} } = request;
    const own = target.startsWith(this.#origin) || target.startsWith('/');
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = json === undefined ? body : JSON.stringify(json);
    const response = await fetch(new URL(target, this.#origin), {
      method,
      redirect: 'manual',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(own && cookie !== '' ? { cookie } : {}),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' ? {} : { origin: this.#origin }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    if (own) this.#keep(response.headers.getSetCookie());
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const parsed: unknown = isJson ? JSON.parse(text) : undefined;
    if (response.status >= 400) assertSentenceIsListed(parsed);
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  #keep(cookies: readonly string[]): void {
    for (const cookie of cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(cookie) || value === '')
        this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  /** Signs in through the local issuer's page; must end at `returnTo`. */
  async signIn(name: string, returnTo = '/'): Promise<void> {
    let reply = await this.send('GET', `/login?returnTo=${encodeURIComponent(returnTo)}`);
    for (let step = 0; step < 12; step += 1) {
      const location = reply.headers.get('location');
      if (reply.status >= 300 && reply.status < 400 && location !== null) {
        if (location === returnTo) return;
        const path = new URL(location, this.#origin).href;
        reply = await this.send('GET', path);
        if (reply.status === 200 && reply.text.includes('name="name"')) {
          reply = await this.send('POST', path, {
            body: `name=${encodeURIComponent(name)}`,
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          });
        }
      } else assert.fail(`signing in stopped at ${reply.status}: ${reply.text.slice(0, 300)}`);
    }
    assert.fail('signing in redirected endlessly');
  }
}

/** Returns a field of a JSON body. */
export function field(body: unknown, name: string): unknown {
  assert.ok(
    typeof body === 'object' && body !== null,
    `no object with ${name}: ${JSON.stringify(body)}`,
  );
  return Object.entries(body).find(([key]) => key === name)?.[1];
}

export function textField(body: unknown, name: string): string {
  const value = field(body, name);
  assert.equal(typeof value, 'string', `${name} of ${JSON.stringify(body)}`);
  return String(value);
}

export interface NewCaller {
  readonly tier?: number;
  readonly isAdmin?: boolean;
}

/** Returns a signed-in browser, without using an issuer. */
export async function signInAs(
  api: ApiServer,
  name: string,
  options: NewCaller = {},
): Promise<Browser> {
  const { tier = 1, isAdmin = false } = options;
  const user = await upsertUser(api.db, {
    issuer: 'test',
    subject: name,
    username: name,
    email: null,
    isAdmin,
  });
  await updateUser(api.db, user.id, { tier });
  const { secret, digest } = newSecret();
  const expiresAt = new Date(Date.now() + 30 * 86_400_000);
  await insertSession(api.db, { userId: user.id, secretDigest: digest, expiresAt });
  const browser = new Browser(api.origin);
  browser.userId = user.id;
  browser.cookies.set('trisiel_session', secret);
  return browser;
}
