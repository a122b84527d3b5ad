/** Sign-in of the command through the browser, and attacks with stolen codes. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  Browser,
  field,
  signInAs,
  startApi,
  textField,
  type Reply,
} from '../setup/servers/api-server.ts';
import { onOneDatabase } from '../setup/servers/databases.ts';

interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

onOneDatabase('a sign-in of the command through the browser', (databases) => {
  test('returns a token once, with the scopes and lifetime that the user approved', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const api = await startApi(t, db);
    const person = await signInAs(api, 'ada');
    const { verifier, challenge } = newPkce();
    const agreed = await person.send('POST', '/api/command-logins', {
      json: { challenge, name: 'laptop', scopes: ['account:read'], expiresInDays: 7 },
    });
    assert.equal(agreed.status, 201, agreed.text);
    const code = textField(agreed.body, 'code');
    const trade = (request: object): Promise<Reply> =>
      new Browser(api.origin).send('POST', '/api/command-logins/token', { json: request });

    const both = await Promise.all([trade({ code, verifier }), trade({ code, verifier })]);
    const won = both.find(({ status }) => status === 201);
    const lost = both.find(({ status }) => status === 422);
    assert.ok(won && lost, both.map(({ text }) => text).join('\n'));
    assert.equal(field(lost.body, 'code'), 'command-login-failed');
    assert.equal(field(won.body, 'username'), 'ada');
    assert.deepEqual(field(won.body, 'scopes'), ['account:read']);
    const days = (Date.parse(textField(won.body, 'expiresAt')) - Date.now()) / 86_400_000;
    assert.ok(days > 6.9 && days < 7.1, String(days));

    const token = textField(won.body, 'token');
    const program = new Browser(api.origin);
    assert.equal((await program.send('GET', '/api/whoami', { token })).status, 200);
    assert.equal((await program.send('GET', '/api/tokens', { token })).status, 403);
    const audit = (await person.send('GET', '/api/audit')).text;
    assert.match(audit, /"command-login.create"/);
    assert.match(audit, /"token.create"/);
    for (const secret of [code, verifier, token.slice(-20)]) {
      assert.equal(`${audit}${api.logged()}`.includes(secret), false);
    }
  });

  test('grants the admin scope only if an administrator approved it', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const api = await startApi(t, db);
    const { verifier, challenge } = newPkce();
    const agree = (person: Browser, scopes?: readonly string[]): Promise<Reply> =>
      person.send('POST', '/api/command-logins', {
        json: { challenge, name: 'x', ...(scopes === undefined ? {} : { scopes }) },
      });
    const wanted = ['account:read', 'admin'];
    const refused = await agree(await signInAs(api, 'ada'), wanted);
    assert.deepEqual([refused.status, field(refused.body, 'code')], [403, 'admin-only']);
    const root = await signInAs(api, 'root', { isAdmin: true });
    for (const [scopes, administers] of [
      [wanted, true],
      [undefined, false],
    ] as const) {
      const code = textField((await agree(root, scopes)).body, 'code');
      const made = await new Browser(api.origin).send('POST', '/api/command-logins/token', {
        json: { code, verifier },
      });
      assert.equal(made.status, 201, made.text);
      assert.equal(JSON.stringify(field(made.body, 'scopes')).includes('admin'), administers);
    }
  });

  test('a code is used up by a wrong verifier, and expires after two minutes', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const api = await startApi(t, db);
    const person = await signInAs(api, 'ada');
    const { verifier, challenge } = newPkce();
    const agree = async (): Promise<string> =>
      textField(
        (await person.send('POST', '/api/command-logins', { json: { challenge, name: 'x' } })).body,
        'code',
      );
    const trade = (code: string, withVerifier: string): Promise<Reply> =>
      new Browser(api.origin).send('POST', '/api/command-logins/token', {
        json: { code, verifier: withVerifier },
      });
    const code = await agree();
    const stolen = await trade(code, newPkce().verifier);
    assert.deepEqual(
      [stolen.status, field(stolen.body, 'detail')],
      [422, 'The verifier does not match the code, which is used up now. Run trisiel login again.'],
    );
    assert.equal((await trade(code, verifier)).status, 422);
    assert.match((await person.send('GET', '/api/audit')).text, /"command-login.refuse"/);

    const late = await agree();
    api.pass(121_000);
    assert.equal((await trade(late, verifier)).status, 422);
    assert.equal(JSON.parse((await person.send('GET', '/api/tokens')).text).items.length, 0);
  });

  test('a lock of the user in the meantime applies, and so does the tier’s limit of tokens', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const api = await startApi(t, db);
    const person = await signInAs(api, 'ada', { tier: 0 });
    const { verifier, challenge } = newPkce();
    const agree = (): Promise<Reply> =>
      person.send('POST', '/api/command-logins', { json: { challenge, name: 'x' } });
    const trade = (reply: Reply): Promise<Reply> =>
      new Browser(api.origin).send('POST', '/api/command-logins/token', {
        json: { code: textField(reply.body, 'code'), verifier },
      });
    const agreed = await Promise.all(Array.from({ length: 6 }, agree));
    const traded = await Promise.all(agreed.map(trade));
    assert.deepEqual(
      traded.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 201, 201, 201, 201, 403],
      'tier 0 has 5 tokens',
    );
    assert.equal(field((await agree()).body, 'code'), 'limit-reached');

    const other = await signInAs(api, 'bob');
    const before = await other.send('POST', '/api/command-logins', {
      json: { challenge, name: 'x' },
    });
    await db.query('update users set locked_at = now() where id = $1', [other.userId]);
    const locked = await trade(before);
    assert.deepEqual([locked.status, field(locked.body, 'code')], [403, 'account-locked']);
  });
});
