import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { VERSION } from '../../../olin/index.ts';
import { inTemporaryFolder } from '../../../sdk/toolchain.ts';
import { trisiel } from '../../../test/setup/local-command.ts';
import type { DoctorFinding } from '../../doctor/finding.ts';

interface Told {
  readonly code: number;
  readonly ok: boolean;
  readonly find: (about: string) => DoctorFinding | undefined;
}

async function doctor(cwd: string, env: Readonly<Record<string, string>>): Promise<Told> {
  const { code, out } = await trisiel(['doctor', '--json'], { cwd, env });
  const { ok, findings }: { ok: boolean; findings: DoctorFinding[] } = JSON.parse(out);
  return { code, ok, find: (name) => findings.find(({ about }) => about === name) };
}

/** A server with a configurable description of itself. */
async function startServer(t: TestContext, own: object, whoami: object): Promise<string> {
  const server = createServer((request, response) => {
    const isServer = request.url === '/api/server';
    const isRefused = !isServer && 'status' in whoami;
    response.writeHead(isRefused ? 401 : 200, { 'content-type': 'application/json' });
    const told = {
      name: 'trisiel',
      version: VERSION,
      now: new Date().toISOString(),
      ...own,
    };
    response.end(JSON.stringify(isServer ? told : whoami));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

const ADA = {
  username: 'ada',
  tier: 1,
  scopes: ['handlers:read', 'handlers:write'],
};
const TOKEN = 'aaaa.bbbb.cccc';

test('without problems, doctor lists every check and exits with 0', (t) =>
  inTemporaryFolder(async (cwd) => {
    const origin = await startServer(t, {}, ADA);
    await trisiel(['init', '.', '-l', 'wat', '--name', 'hello'], { cwd });
    const told = await doctor(cwd, { TRISIEL_SERVER: origin, TRISIEL_TOKEN: TOKEN });
    assert.deepEqual([told.code, told.ok], [0, true]);
    for (const about of ['Server', 'Clock', 'Token', 'Node', 'Project', 'AssemblyScript']) {
      assert.equal(told.find(about)?.state, 'ok', about);
    }
    const { out } = await trisiel(['doctor'], { cwd, env: { TRISIEL_SERVER: origin } });
    assert.match(out, /^ok +Server +http:/m);
    assert.match(out, /^note +Token +You are not signed in to .*\n +Sign in: trisiel login$/m);
    assert.match(out, /No problems found\.\n$/);
  }));

test('a server that is unreachable, or not a Trisiel server, is a problem', (t) =>
  inTemporaryFolder(async (cwd) => {
    const none = await doctor(cwd, { TRISIEL_SERVER: 'http://127.0.0.1:9' });
    assert.equal(none.code, 1);
    assert.match(none.find('Server')?.found ?? '', /cannot be reached/);
    const other = await startServer(t, { name: 'nginx' }, {});
    const found = (await doctor(cwd, { TRISIEL_SERVER: other })).find('Server');
    assert.equal(found?.state, 'problem');
    assert.match(found?.found ?? '', /is not a Trisiel server/);
  }));

test('a wrong clock and a newer server are detected', (t) =>
  inTemporaryFolder(async (cwd) => {
    const now = new Date(Date.now() + 300_000).toISOString();
    const origin = await startServer(t, { now, version: '99.0.0' }, ADA);
    const told = await doctor(cwd, { TRISIEL_SERVER: origin, TRISIEL_TOKEN: TOKEN });
    assert.equal(told.code, 1);
    assert.match(told.find('Clock')?.found ?? '', /is (299|300|301) seconds behind the server/);
    assert.equal(told.find('Server')?.state, 'note');
  }));

test('a token that is refused or cannot deploy is reported with what to do', (t) =>
  inTemporaryFolder(async (cwd) => {
    const problem = { status: 401, detail: 'The token is revoked.', code: 'token-refused' };
    const refusing = await startServer(t, {}, problem);
    const refused = await doctor(cwd, { TRISIEL_SERVER: refusing, TRISIEL_TOKEN: TOKEN });
    assert.equal(refused.find('Token')?.state, 'problem');
    assert.match(refused.find('Token')?.found ?? '', /TRISIEL_TOKEN: The token is revoked\./);
    const reading = await startServer(t, {}, { ...ADA, scopes: ['handlers:read'] });
    const weak = await doctor(cwd, { TRISIEL_SERVER: reading, TRISIEL_TOKEN: TOKEN });
    assert.match(weak.find('Token')?.advice ?? '', /without the scope handlers:write/);
  }));

test('an invalid trisiel.toml or policy is reported with its position, and a missing compiler that the project needs is a problem', (t) =>
  inTemporaryFolder(async (cwd) => {
    const env = { TRISIEL_SERVER: await startServer(t, {}, ADA) };
    await writeFile(join(cwd, 'trisiel.toml'), 'nmae = "x"\n');
    assert.match(
      (await doctor(cwd, env)).find('Project')?.found ?? '',
      /trisiel\.toml:1:1: .*name/,
    );
    await writeFile(join(cwd, 'trisiel.toml'), 'policy = "p"\nbuild = "zig build"\n');
    await writeFile(join(cwd, 'p'), 'allow\n');
    assert.match((await doctor(cwd, env)).find('Project')?.found ?? '', /p: Line 1, column 1/);
    await writeFile(join(cwd, 'p'), '');
    const before = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      const { find, code } = await doctor(cwd, env);
      assert.equal(code, 1);
      assert.equal(find('Zig')?.state, 'problem');
      assert.match(find('Zig')?.advice ?? '', /To install it/);
      assert.equal(find('Rust')?.state, 'note');
    } finally {
      process.env['PATH'] = before;
    }
  }));
