/** An attacker who has a token: it grants no additional rights, and expires. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTail } from '../../setup/api-runs.ts';
import { Browser, signInAs, startApi, textField } from '../../setup/servers/api-server.ts';
import { onOneDatabase } from '../../setup/servers/databases.ts';

const HOUR_MS = 3_600_000;

onOneDatabase('an attacker who has a token', (databases) => {
  test('cannot create tokens that outlive its expiry or revocation', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const api = await startApi(t, db);
    const owner = await signInAs(api, 'owner');
    const program = new Browser(api.origin);
    const make = async (
      token?: string,
      minutes = 60,
    ): Promise<{ id: string; token: string; expiresAt: string }> => {
      const reply = await (token === undefined ? owner : program).send('POST', '/api/tokens', {
        ...(token === undefined ? {} : { token }),
        json: { name: 'x', scopes: ['tokens:write', 'account:read'], expiresInMinutes: minutes },
      });
      assert.equal(reply.status, 201, reply.text);
      return JSON.parse(reply.text);
    };
    const stolen = await make();
    const child = await make(stolen.token, 1440);
    assert.equal(child.expiresAt, stolen.expiresAt);
    const grandchild = await make(child.token, 1440);
    const other = await make();
    const status = async (token: string): Promise<number> =>
      (await program.send('GET', '/api/whoami', { token })).status;
    assert.equal(await status(grandchild.token), 200);
    await owner.send('DELETE', `/api/tokens/${stolen.id}`);
    assert.deepEqual(
      await Promise.all([stolen, child, grandchild, other].map(({ token }) => status(token))),
      [401, 401, 401, 200],
    );

    // A token created at the moment of the revocation is revoked too, or not created.
    const racer = await make();
    const [, ...made] = await Promise.all([
      owner.send('DELETE', `/api/tokens/${racer.id}`),
      ...Array.from({ length: 10 }, () =>
        program.send('POST', '/api/tokens', {
          token: racer.token,
          json: { name: 'racer', scopes: ['account:read'] },
        }),
      ),
    ]);
    for (const reply of made) {
      if (reply.status === 201) assert.equal(await status(textField(reply.body, 'token')), 401);
      else assert.equal(reply.status, 401, reply.text);
    }
    api.pass(2 * HOUR_MS);
    assert.equal(await status(other.token), 401);
  });

  test('cannot open more tails than the limit, even concurrently', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const api = await startApi(t, db);
    const owner = await signInAs(api, 'owner');
    // Only concurrent tails count: on a busy machine one may have ended before the last was opened.
    let ended = 0;
    const opened = await Promise.allSettled(
      Array.from({ length: 20 }, async () => {
        const tail = await openTail(t, api, owner, '');
        void tail.ended.then(() => (ended += 1));
        return tail;
      }),
    );
    const open = opened.filter(({ status }) => status === 'fulfilled').length;
    assert.ok(open >= 8 && open - ended <= 8, `${open} were opened, ${ended} of them ended`);
    const told = await owner.send('GET', '/metrics');
    const [, counted = ''] = /^trisiel_api_tails (\d+)$/m.exec(told.text) ?? [];
    assert.ok(Number(counted) <= 8, `${counted} are open`);
  });
});
