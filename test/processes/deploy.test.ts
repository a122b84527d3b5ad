/** The files in deploy/: systemd units, a compose file, and settings that the server accepts. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readConfig } from '../../server/config.ts';
import { SETTINGS } from '../../server/settings.ts';
import { STAGE_STOP_MS } from '../../server/process/supervisor/supervisor.ts';
import { atEnd } from '../setup/at-end.ts';
import { startServer } from '../setup/servers/started-server.ts';

const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url));
const PORTS = { web: 4000, run: 4001 };
const UNITS = ['trisiel-api.service', 'trisiel-executor.service'];
/** The stages in which the supervisor stops a server: the web process; executor processes, then probation processes. */
const STOP_STAGES: Readonly<Record<string, number>> = { api: 1, executor: 2 };
const runFile = promisify(execFile);

/** Values that an operator fills in. */
const FILLED: Readonly<Record<string, string>> = {
  SECRET_KEYS: Buffer.alloc(32, 7).toString('base64'),
  S3_BUCKET: 'modules',
  S3_ACCESS_KEY_ID: 'id',
  S3_SECRET_ACCESS_KEY: 'secret',
  OIDC_ISSUER: 'https://git.example.org',
  OIDC_CLIENT_ID: 'id',
  OIDC_CLIENT_SECRET: 'secret',
  WEB_ORIGIN: 'https://api.example.org',
  RUN_ORIGIN: 'https://run.example.net',
  POSTGRES_PASSWORD: 'password',
  ADMINS: 'ada',
  // Empty: the default applies.
  KEEP_DAYS: '',
};

/** @param seconds after which the command is killed */
function expectPatience(command = '', seconds = ''): void {
  const stages = STOP_STAGES[/ --role (\w+)$/.exec(command)?.[1] ?? ''] ?? assert.fail(command);
  assert.ok(1000 * Number(seconds) > stages * STAGE_STOP_MS, `${command}: ${seconds} s`);
}

async function hasProgram(name: string, args: readonly string[]): Promise<boolean> {
  return runFile(name, [...args]).then(
    () => true,
    () => false,
  );
}

function expectSettings(environment: Readonly<Record<string, string>>, where: string): void {
  for (const name of Object.keys(environment)) {
    assert.ok(name in SETTINGS, `${where} sets ${name}, which the server does not know`);
  }
  const config = readConfig(environment, PORTS);
  assert.ok(config.trustProxy, `${where}: behind nginx every caller would be nginx`);
  assert.notEqual(new URL(config.webOrigin).hostname, new URL(config.runOrigin).hostname);
}

test('the settings of the environment file exist and are valid', async () => {
  const text = await readFile(join(DEPLOY, 'systemd/trisiel.env'), 'utf8');
  const environment: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', value = ''] = /^([A-Z0-9_]+)=(.*)$/.exec(line) ?? assert.fail(line);
    environment[name] = value === '' ? (FILLED[name] ?? assert.fail(`${name} is empty`)) : value;
  }
  expectSettings(environment, 'trisiel.env');
});

test('systemd accepts the units', async (t) => {
  if (!(await hasProgram('systemd-analyze', ['--version']))) {
    return t.skip('systemd-analyze is not installed');
  }
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-units-'));
  atEnd(t, () => rm(folder, { recursive: true, force: true }));
  for (const unit of UNITS) {
    const text = await readFile(join(DEPLOY, 'systemd', unit), 'utf8');
    assert.match(text, /^KillMode=mixed$/m, 'only the supervisor gets the first signal');
    // The program may have another path on this machine.
    await writeFile(join(folder, unit), text.replace('/usr/bin/node', process.execPath));
    const { stderr } = await runFile('systemd-analyze', ['verify', join(folder, unit)]);
    assert.doesNotMatch(stderr, new RegExp(unit), stderr);
  }
});

test('systemd waits longer than the supervisor takes to stop the server', async () => {
  for (const unit of UNITS) {
    const text = await readFile(join(DEPLOY, 'systemd', unit), 'utf8');
    expectPatience(/^ExecStart=(.*)$/m.exec(text)?.[1], /^TimeoutStopSec=(\d+)$/m.exec(text)?.[1]);
  }
});

test('the kernel settings exist in Linux', { skip: process.platform !== 'linux' }, async () => {
  const text = await readFile(join(DEPLOY, 'systemd/60-trisiel.conf'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  assert.ok(lines.length > 0);
  for (const line of lines) {
    const [, name = ''] = /^-?([\w.]+) = \d+$/.exec(line) ?? assert.fail(line);
    await access(join('/proc/sys', name.replaceAll('.', '/')));
  }
});

test('the compose file gives each server valid settings', async (t) => {
  const path = join(DEPLOY, 'compose/compose.yaml');
  const compose = await readCompose(path);
  if ('reason' in compose) return t.skip(compose.reason);
  const { services, volumes } = compose;
  assert.deepEqual(Object.keys(services).sort(), ['database', 'executor-1', 'executor-2', 'web']);
  for (const [name, service] of Object.entries(services)) {
    if (name === 'database') continue;
    const environment = Object.fromEntries(
      Object.entries(service.environment).map(([key, value]) => [key, fill(value)]),
    );
    expectSettings(environment, name);
    assert.equal(
      environment['LISTEN_HOST'],
      '0.0.0.0',
      'nobody outside the container would reach it',
    );
    assert.match(service.command ?? '', /^node scripts\/bootstrap\.mjs scripts\/start\.ts --role /);
    expectPatience(service.command, /^(\d+)s$/.exec(service.stop_grace_period ?? '')?.[1]);
    for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:\d+:400[01]$/);
  }
  const journals = ['executor-1', 'executor-2'].map((name) =>
    services[name]?.volumes?.find((each) => each.endsWith('/runs')),
  );
  assert.equal(new Set(journals).size, 2, 'two executors share a journal');
  for (const { volumes: used = [] } of Object.values(services)) {
    for (const volume of used) {
      const source = volume.split(':')[0] ?? '';
      assert.ok(source.startsWith('.') || source in volumes, `there is no volume ${source}`);
    }
  }
});

test('stopping the units lets active calls complete', async (t) => {
  const text = await readFile(join(DEPLOY, 'systemd', 'trisiel-executor.service'), 'utf8');
  const command = /^ExecStart=\/usr\/bin\/node (.*) --role executor$/m.exec(text)?.[1] ?? '';
  const server = await startServer(command.split(' '));
  atEnd(t, () => server.stop());
  await server.untilReady();
  const answer = await fetch(`${server.runOrigin}/run/countdown/?from=8`);
  assert.equal(answer.status, 200);
  const order: string[] = [];
  const ended = once(server.child, 'exit').then(() => order.push('process'));
  server.child.kill('SIGTERM');
  const rest = await answer.text();
  order.push('call');
  const patienceMs = 1000 * Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1]);
  const late = setTimeout(() => order.push('systemd kills it'), patienceMs);
  await ended;
  clearTimeout(late);
  assert.match(rest, /Lift-off!\n$/);
  assert.deepEqual(order, ['call', 'process']);
});

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly environment: Readonly<Record<string, string>>;
        readonly command?: string;
        readonly stop_grace_period?: string;
        readonly ports?: readonly string[];
        readonly volumes?: readonly string[];
      }
    >
  >;
  readonly volumes: Readonly<Record<string, object>>;
}

/** Reads the file with Python's YAML, which resolves anchors and merges. */
async function readCompose(path: string): Promise<Compose | { readonly reason: string }> {
  const program = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))';
  if (!(await hasProgram('python3', ['-c', 'import yaml']))) {
    return { reason: 'Python’s YAML, which reads the compose file, is not installed' };
  }
  const { stdout } = await runFile('python3', ['-c', program, path]);
  const compose: Compose = JSON.parse(stdout);
  return compose;
}

/** Replaces `${NAME:?}` and `${NAME:-}`, as compose does. */
function fill(value: string): string {
  return value.replaceAll(
    /\$\{(\w+):[?-]\}/g,
    (_, name: string) => FILLED[name] ?? assert.fail(`nobody knows ${name}`),
  );
}
