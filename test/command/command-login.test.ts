/**
 * `trisiel login`: the browser’s redirect is accepted once, only from the right page, and the token is sent only to its
 * server.
 */
import assert from 'node:assert/strict';
import { chmod, readFile, stat } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { suite, test, type TestContext } from 'node:test';
import { atEnd } from '../setup/at-end.ts';
import {
  field,
  signInAs,
  startApi,
  textField,
  type ApiServer,
  type Browser,
} from '../setup/servers/api-server.ts';
import { makeToken, newPerson, type Person, type Ran } from '../setup/command.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

interface Begun {
  readonly page: URL;
  readonly ended: Promise<Ran>;
}

/** Begins a sign-in. Returns the page that the browser would open. */
async function begin(person: Person, ...more: string[]): Promise<Begun> {
  const shown = Promise.withResolvers<string>();
  const ended = person.run(['login', '--no-browser', '--json', ...more], {
    onOutput: (text) => shown.resolve(text),
  });
  return { page: new URL(textField(JSON.parse(await shown.promise), 'open')), ended };
}

/** Does what the panel’s page does when the user authorizes the command. */
async function agree(browser: Browser, page: URL, scopes?: readonly string[]): Promise<string> {
  const { searchParams } = page;
  const made = await browser.send('POST', '/api/command-logins', {
    json: {
      challenge: searchParams.get('challenge'),
      name: searchParams.get('name'),
      ...(scopes === undefined ? {} : { scopes }),
    },
  });
  assert.equal(made.status, 201, made.text);
  return textField(made.body, 'code');
}

/** Does not use fetch, which does not allow setting Host. */
function visit(page: URL, query: Record<string, string>, host?: string): Promise<number> {
  const port = Number(page.searchParams.get('port'));
  return new Promise((resolve, reject) => {
    const path = `/callback?${new URLSearchParams(query)}`;
    const headers = host === undefined ? {} : { host };
    request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

suite('signing in', () => {
  const databases = onAnyDatabase();
  async function start(t: TestContext): Promise<ApiServer> {
    const db = await databases.migrated(t);
    assert.ok(db);
    return startApi(t, db);
  }

  test('signs in through the browser and signs out', async (t) => {
    const server = await start(t);
    const browser = await signInAs(server, 'ada');
    const ada = await newPerson(t, { TRISIEL_SERVER: server.origin });
    const { page, ended } = await begin(ada, '--name', 'my laptop');
    assert.equal(page.origin, server.origin);
    const state = page.searchParams.get('state') ?? '';
    const code = await agree(browser, page);

    // Other pages and programs on the machine cannot answer in place of the user.
    assert.equal(await visit(page, { code: 'x'.repeat(43), state: 'guessed' }), 400);
    assert.equal(await visit(page, { code, state }, 'evil.example'), 400);
    assert.equal(await visit(page, { code, state }), 200);
    const { code: exit, stdout, stderr } = await ended;
    assert.equal(exit, 0, stderr);
    assert.equal(field(JSON.parse(stdout), 'username'), 'ada');
    await assert.rejects(visit(page, { code, state }), 'the listener answers once');

    const path = `${ada.env['XDG_CONFIG_HOME']}/trisiel/credentials.json`;
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const saved: unknown = JSON.parse(await readFile(path, 'utf8'));
    const token = textField(field(field(saved, 'servers'), server.origin), 'token');
    assert.ok(!(stdout + stderr).includes(token), 'the token is not shown');

    // The server signed in to last is used.
    const env = { TRISIEL_SERVER: '' };
    assert.equal(field(await ada.json(['whoami'], { env }), 'username'), 'ada');
    assert.match(await ada.must(['tokens', 'list']), /my laptop/);
    await chmod(path, 0o644);
    assert.match((await ada.run(['whoami'])).stderr, /chmod 600/);

    assert.match(await ada.must(['logout']), /revoked/);
    assert.equal((await ada.run(['whoami'])).code, 3);
    const dead = await ada.run(['whoami'], { env: { TRISIEL_TOKEN: token } });
    assert.equal(dead.code, 3);
    assert.match(dead.stderr, /revoked|Create a new one/);
  });

  test('login --admin requests the admin scope, and reports if it is not granted', async (t) => {
    const server = await start(t);
    const browser = await signInAs(server, 'root', { isAdmin: true });
    const root = await newPerson(t, { TRISIEL_SERVER: server.origin });
    const login = async (scopes?: readonly string[]): Promise<Ran> => {
      const { page, ended } = await begin(root, '--admin');
      assert.equal(page.searchParams.get('admin'), 'yes');
      const state = page.searchParams.get('state') ?? '';
      await visit(page, { code: await agree(browser, page, scopes), state });
      const ran = await ended;
      assert.equal(ran.code, 0, ran.stderr);
      return ran;
    };
    assert.match((await login()).stderr, /the admin scope was not granted/);
    const refused = await root.run(['admin', 'users']);
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /trisiel login --admin/);
    const { stdout, stderr } = await login(['account:read', 'admin']);
    assert.doesNotMatch(stderr, /not granted/);
    assert.deepEqual(field(JSON.parse(stdout), 'scopes'), ['account:read', 'admin']);
    assert.match(await root.must(['admin', 'users']), /root/);
    assert.equal((await root.run(['login', '--admin', '--token', 'x'])).code, 2);
  });

  test('a token is sent only to the server that it was saved for', async (t) => {
    const server = await start(t);
    const heard: (string | undefined)[] = [];
    const other = createServer((asked, response) => {
      heard.push(asked.headers.authorization);
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    atEnd(t, () => other.close());
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;

    const token = await makeToken(server, 'ada');
    const ada = await newPerson(t);
    const signedIn = await ada.run(['login', '--token', '-', '--server', server.origin], {
      stdin: `${token}\n`,
    });
    assert.equal(signedIn.code, 0, signedIn.stderr);
    assert.ok(!(signedIn.stdout + signedIn.stderr).includes(token));
    assert.equal((await ada.run(['whoami'])).code, 0);
    assert.equal((await ada.run(['list', '--server', `http://127.0.0.1:${port}`])).code, 3);
    assert.equal((await ada.run(['namegen', '--server', `http://127.0.0.1:${port}`])).code, 3);
    await ada.run(['open', 'docs', '--print', '--server', `http://127.0.0.1:${port}`]);
    assert.deepEqual(heard, [undefined]);
  });

  test('nothing is saved if the user denies or abandons the sign-in', async (t) => {
    const server = await start(t);
    const ada = await newPerson(t, { TRISIEL_SERVER: server.origin });
    const refused = await begin(ada);
    const state = refused.page.searchParams.get('state') ?? '';
    assert.equal(await visit(refused.page, { error: 'access_denied', state }), 200);
    assert.equal((await refused.ended).code, 3);

    const interrupt = new AbortController();
    const shown = Promise.withResolvers<void>();
    const left = ada.run(['login', '--no-browser'], {
      signal: interrupt.signal,
      onOutput: () => shown.resolve(),
    });
    await shown.promise;
    interrupt.abort();
    assert.equal((await left).code, 130);
    assert.equal((await ada.run(['whoami'])).code, 3);
  });

  test('an invalid or badly copied token is refused with an error that does not repeat it', async (t) => {
    const server = await start(t);
    const ada = await newPerson(t, { TRISIEL_SERVER: server.origin });
    const bad = await ada.run(['login', '--token', 'my-password']);
    assert.equal(bad.code, 2);
    assert.doesNotMatch(bad.stderr, /my-password/);
    const forged = `${btoa('{"alg":"EdDSA"}')}.${btoa('{"jti":"x"}')}.c2ln`.replaceAll('=', '');
    assert.equal((await ada.run(['login', '--token', forged])).code, 3);
    assert.equal(
      (await ada.run(['whoami'], { env: { TRISIEL_SERVER: 'http://user:pass@127.0.0.1' } })).code,
      2,
    );
    const plain = await ada.run(['whoami'], {
      env: { TRISIEL_SERVER: 'http://trisiel.invalid', TRISIEL_TOKEN: forged },
    });
    assert.match(plain.stderr, /unencrypted/);
  });
});
