/** Property-based tests of the OpenAPI document: Schemathesis with all its checks, following links. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { atEnd } from '../setup/at-end.ts';
import { Browser, signInAs, startApi, textField } from '../setup/servers/api-server.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';
import { SCOPE_NAMES } from '../../server/auth/scopes.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, '.trisiel/toolchains/schemathesis');
const PROGRAM = join(FOLDER, 'bin/schemathesis');
const MAX_MS = 600_000;
/**
 * Examples per operation. They are the same in each run, so more of them rarely find anything new. For a deep run set
 * SCHEMATHESIS_EXAMPLES.
 */
const EXAMPLES = process.env['SCHEMATHESIS_EXAMPLES'] ?? '5';

/**
 * A schema cannot say whether a policy or a module is valid: invalid ones are refused with 422. A callback from an
 * identity provider without a pending sign-in is refused with 400, whatever its query.
 */
const CONFIG = `[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]

[[operations]]
include-path = "/login/callback"
checks.positive_data_acceptance.expected-statuses = ["302", "400"]

# Either a module or a version: no schema of a form says that.
[[operations]]
include-path = "/api/deployments"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "403", "404", "409", "422", "429"]
`;

const runFile = promisify(execFile);

suite('the API compared with its OpenAPI document', () => {
  const databases = onAnyDatabase();

  test('returns no 500, no undocumented status, and no response that violates its schema', async (t) => {
    const reason = await install();
    if (reason !== undefined) return t.skip(reason);
    const db = await databases.migrated(t);
    assert.ok(db);
    const api = await startApi(t, db);
    // Moves the clock, because so many requests exceed the rate limit.
    const minutes = setInterval(() => api.pass(61_000), 500);
    atEnd(t, () => clearInterval(minutes));
    const admin = await signInAs(api, 'admin', { tier: 2, isAdmin: true });
    const made = await admin.send('POST', '/api/tokens', {
      json: { name: 'attack', scopes: SCOPE_NAMES, expiresInDays: 366 },
    });
    const token = textField(made.body, 'token');
    const hello = Uint8Array.from(await readFile(join(ROOT, 'examples/hello/module.wasm')));
    const author = new Browser(api.origin);
    await author.send('POST', '/api/handlers', { token, json: { name: 'hello' } });
    await author.send('POST', '/api/handlers/hello/versions', {
      token,
      body: hello,
      headers: { 'content-type': 'application/wasm' },
    });
    const config = join(FOLDER, 'schemathesis.toml');
    await writeFile(config, CONFIG);
    const { code, output } = await attack(api.origin, config, [
      '--phases=examples,coverage,fuzzing,stateful',
      `--max-examples=${EXAMPLES}`,
      `--header=Authorization: Bearer ${token}`,
      // Tested separately below.
      '--exclude-path=/api/executions/tail',
      '--exclude-path-regex=^/(login|logout)',
    ]);
    assert.equal(code, 0, output);
    t.diagnostic(/\d+ generated, .*/.exec(output)?.[0] ?? 'no count of test cases');
    assert.doesNotMatch(api.logged(), /"level":50/, 'an error was logged');
  });

  test('holds for browser pages, and for refused tails', async (t) => {
    const reason = await install();
    if (reason !== undefined) return t.skip(reason);
    const db = await databases.migrated(t);
    assert.ok(db);
    const api = await startApi(t, db);
    const author = await signInAs(api, 'author');
    const made = await author.send('POST', '/api/tokens', {
      json: { name: 'attack', scopes: SCOPE_NAMES.filter((scope) => scope !== 'admin') },
    });
    const token = textField(made.body, 'token');
    const config = join(FOLDER, 'schemathesis.toml');
    await writeFile(config, CONFIG);
    const pages = await attack(api.origin, config, [
      '--include-path-regex=^/(login|login/callback|logout)$',
      // Other letters are nine or twelve times as long in a URL, which would exceed the header limit.
      '--generation-codec=ascii',
      '--phases=coverage,fuzzing',
      `--max-examples=${EXAMPLES}`,
      `--header=Origin: ${api.origin}`,
    ]);
    assert.equal(pages.code, 0, pages.output);
    const cookie = [...author.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const session = await attack(api.origin, config, [
      '--include-path=/api/command-logins',
      '--phases=coverage,fuzzing',
      // Without the cookie that all requests have, there is no session.
      '--exclude-checks=ignored_auth,negative_data_rejection',
      `--max-examples=${EXAMPLES}`,
      `--header=Origin: ${api.origin}`,
      `--header=Cookie: ${cookie}`,
    ]);
    assert.equal(session.code, 0, session.output);
    // A successful tail is endless.
    const tail = await attack(api.origin, config, [
      '--include-path=/api/executions/tail',
      '--phases=fuzzing',
      '--mode=negative',
      `--max-examples=${EXAMPLES}`,
      `--header=Authorization: Bearer ${token}`,
    ]);
    assert.equal(tail.code, 0, tail.output);
    assert.doesNotMatch(api.logged(), /"level":50/, 'an error was logged');
  });
});

function attack(
  origin: string,
  config: string,
  options: readonly string[],
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      PROGRAM,
      [
        `--config-file=${config}`,
        'run',
        `${origin}/api/openapi.json`,
        '--checks=all',
        ...options,
        // A busy machine generates data slowly.
        '--suppress-health-check=too_slow',
        '--request-timeout=20',
        '--no-color',
        '--generation-deterministic',
        '--continue-on-failure',
        '--output-sanitize=true',
      ],
      { cwd: FOLDER, timeout: MAX_MS, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** Installs Schemathesis. Returns the reason if that is not possible. */
async function install(): Promise<string | undefined> {
  const isThere = await access(PROGRAM).then(
    () => true,
    () => false,
  );
  if (isThere) return undefined;
  try {
    await runFile('python3', ['-m', 'venv', FOLDER]);
    await runFile(join(FOLDER, 'bin/pip'), ['install', '-q', 'schemathesis==4.32.5'], {
      timeout: MAX_MS,
    });
    return undefined;
  } catch {
    return 'Schemathesis could not be installed; it needs Python 3.10 or later with venv, and PyPI.';
  }
}
