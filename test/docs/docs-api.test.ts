/**
 * Runs every curl line of the pages against the API or a handler as printed: in bash, against a server, with the
 * variables that the page tells readers to set. A fence `sh api 201 200` lists the expected statuses, in order.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { readSnippets, type Snippet } from '../../docs-site/snippets/snippets.ts';
import { loadExamples } from '../../examples/load.ts';
import { deployExamples } from '../../server/executor/handlers/deploy-examples.ts';
import { SCOPE_NAMES } from '../../server/auth/scopes.ts';
import {
  Browser,
  signInAs,
  startApi,
  textField,
  type ApiServer,
} from '../setup/servers/api-server.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';
import { startExecutor, type TestExecutor } from '../setup/servers/executor-server.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The origins in the documentation. */
const WEB_ORIGIN = 'http://localhost:4000';
const RUN_ORIGIN = 'http://127.0.0.1:4001';
/** Time limit of a line with an endless response. */
const ENDLESS_SECONDS = 2;

/** The examples that the lines call. */
const EXAMPLES = new Set(['endless-loop', 'hello-http']);

const module = Uint8Array.from(readFileSync(join(ROOT, 'examples/hello-http/module.wasm')));
const snippets = readSnippets();
const pages = Map.groupBy(
  snippets.filter(({ lang, flags }) => lang === 'sh' && flags.includes('api')),
  ({ page }) => page,
);

suite('the curl lines of the documentation', () => {
  const databases = onAnyDatabase();

  test('get the statuses that their fences list', async (t) => {
    const world = await makeWorld(t, databases);
    for (const [page, fences] of pages) {
      await world.prepare(page);
      for (const fence of fences) {
        const wanted = fence.flags.filter((flag) => /^\d{3}$/.test(flag)).map(Number);
        const { statuses, output } = await run(fence, world, await world.variables(fence.text));
        assert.deepEqual(statuses, wanted, `${page}:${fence.line}\n${output}`);
      }
    }
  });

  test('are all run: no page of the server has another one', () => {
    for (const { page, line, lang, flags, text } of snippets) {
      if (lang !== 'sh' || !page.startsWith('server/') || !/^\s*curl /m.test(text)) continue;
      assert.ok(flags.includes('api'), `${page}:${line} is not marked sh api`);
    }
  });
});

interface World {
  readonly api: ApiServer;
  readonly executor: TestExecutor;
  /** Creates what a page assumes to exist. */
  prepare(page: string): Promise<void>;
  /** Returns the shell variables for these lines, from the current state. */
  variables(text: string): Promise<Readonly<Record<string, string>>>;
}

async function makeWorld(
  t: TestContext,
  databases: ReturnType<typeof onAnyDatabase>,
): Promise<World> {
  const db = await databases.migrated(t);
  assert.ok(db);
  const api = await startApi(t, db);
  const { store, sealer } = api;
  const examples = (await loadExamples()).filter(({ name }) => EXAMPLES.has(name));
  await deployExamples({ db, store, sealer, examples, origin: api.origin });
  const executor = await startExecutor(t, db, {
    store,
    sealer,
    environment: { WEB_ORIGIN: api.origin, RUN_ORIGIN },
  });
  const author = await signInAs(api, 'author', { tier: 2 });
  const admin = await signInAs(api, 'admin', { tier: 2, isAdmin: true });
  const applicant = await signInAs(api, 'applicant', { tier: 0 });
  const makeToken = async (browser: Browser): Promise<string> => {
    // Only administrators can have the scope admin.
    const scopes = SCOPE_NAMES.filter((scope) => browser === admin || scope !== 'admin');
    const reply = await browser.send('POST', '/api/tokens', { json: { name: 'docs', scopes } });
    return textField(reply.body, 'token');
  };
  const make = async (name: string): Promise<void> => {
    await author.send('POST', '/api/handlers', { json: { name } });
    const uploaded = await author.send('POST', `/api/handlers/${name}/versions`, {
      body: module,
      headers: { 'content-type': 'application/wasm' },
    });
    assert.equal(uploaded.status, 201, uploaded.text);
  };
  await make('mine');
  const ran = await fetch(`${executor.origin}/run/mine/`);
  const executionId = ran.headers.get('trisiel-execution') ?? '';
  await executor.run(executionId);
  await executor.authors.deploy(
    { id: author.userId },
    { name: 'slow', mode: 'async', body: '(call $runtime_msleep #8000)' },
  );
  const firstId = async (browser: Browser, path: string): Promise<string> =>
    JSON.parse((await browser.send('GET', path)).text).items[0]?.id ?? '';
  const token = await makeToken(author);
  // The newest token, which a page revokes.
  await makeToken(author);
  const adminToken = await makeToken(admin);
  const applicantToken = await makeToken(applicant);
  let isTiers = false;
  return {
    api,
    executor,
    async prepare(page) {
      isTiers = page === 'server/tiers.mdx';
      // This page creates the handler; the others assume that it exists.
      if (page === 'server/deploying.mdx') await author.send('DELETE', '/api/handlers/mine');
    },
    async variables(text) {
      const made: Record<string, () => Promise<string>> = {
        API: async () => api.origin,
        TOKEN: async () => (isTiers ? applicantToken : token),
        ADMIN_TOKEN: async () => adminToken,
        EXECUTION_ID: async () => executionId,
        CALL_ID: async () =>
          (await fetch(`${executor.origin}/run/slow/`)).headers
            .get('location')
            ?.split('/')
            .at(-1) ?? '',
        TOKEN_ID: () => firstId(author, '/api/tokens'),
        HANDLER_ID: () => firstId(author, '/api/handlers?deleted=true'),
        APPLICATION_ID: () => firstId(admin, '/api/admin/applications?status=pending'),
        USER_ID: async () => applicant.userId,
      };
      const named = Object.entries(made).filter(([name]) => text.includes(`$${name}`));
      return Object.fromEntries(
        await Promise.all(named.map(async ([name, make]) => [name, await make()])),
      );
    },
  };
}

/** Runs a fence as it is printed. The statuses are those of its curl lines, in order. */
function run(
  { text, flags }: Snippet,
  { api, executor }: World,
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly statuses: readonly number[]; readonly output: string }> {
  const patience = flags.includes('endless') ? ENDLESS_SECONDS : 20;
  const script = [
    'set -u',
    `curl() { command curl --silent --show-error --max-time ${patience} --write-out '%{stderr}%{http_code}\\n' "$@"; }`,
    text.replaceAll(WEB_ORIGIN, api.origin).replaceAll(RUN_ORIGIN, executor.origin),
  ].join('\n');
  return new Promise((resolve) => {
    execFile(
      'bash',
      ['-c', script],
      { cwd: ROOT, env: { PATH: process.env['PATH'], ...variables } },
      (_error, stdout, stderr) => {
        const statuses = Array.from(stderr.matchAll(/^(\d{3})$/gm), ([, status]) => Number(status));
        resolve({ statuses, output: `${stdout}\n${stderr}` });
      },
    );
  });
}
