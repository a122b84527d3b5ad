/** Account commands of `trisiel` against a live server: tokens, tiers, locks, names, errors. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { quarantine } from '../../server/db/handlers/standing.ts';
import { field, textField } from '../setup/servers/api-server.ts';
import {
  answering,
  deploy,
  firstOf,
  newAuthor,
  newPerson,
  put,
  startServer,
} from '../setup/command.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

suite('the command', () => {
  const databases = onAnyDatabase();

  test('of accounts, against a live server', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const server = await startServer(t, db);
    const ada = await newAuthor(t, server, 'ada');
    await deploy(ada, 'greeter', 'hello');

    await t.test('tokens are created, listed and revoked', async () => {
      const made = await ada.run([
        'tokens',
        'create',
        'ci',
        '--scope',
        'handlers:read',
        '--expires-in-minutes',
        '5',
      ]);
      assert.equal(made.code, 0, made.stderr);
      // On a separate line, so that a script can read it.
      const token = made.stdout.trim();
      assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
      const id = /tokens revoke (\S+)/.exec(made.stderr)?.[1] ?? '';
      assert.match(await ada.must(['tokens', 'list']), /ci +in 5 minutes/);
      const env = { TRISIEL_TOKEN: token };
      await ada.must(['list'], { env });
      const narrow = await ada.run(['delete', 'greeter', '--yes', '--json'], { env });
      assert.deepEqual(
        [narrow.code, field(JSON.parse(narrow.stderr), 'code')],
        [3, 'missing-scope'],
      );
      await ada.must(['tokens', 'revoke', id]);
      assert.equal((await ada.run(['list'], { env })).code, 3);
      assert.match(await ada.must(['tokens', 'list', '--all']), /ci +revoked/);
    });

    await t.test('a user applies, and an administrator decides and locks users', async () => {
      const bob = await newAuthor(t, server, 'bob', { tier: 0 });
      const root = await newAuthor(t, server, 'root', { isAdmin: true });
      const path = await put(bob, 'bob.wasm', await answering('bob'));
      const early = await bob.run(['deploy', path]);
      assert.equal(early.code, 3);
      assert.match(early.stderr, /trisiel apply|Apply/);
      await bob.must(['apply', 'A bot that greets new members.']);
      assert.match(await bob.must(['apply', '--status']), /pending/);
      const waiting = await root.must(['admin', 'applications']);
      assert.match(waiting, /bob .*greets new members/);
      const id = textField(firstOf(await root.json(['admin', 'applications'])), 'id');
      await root.must(['admin', 'approve', id, 'Welcome.']);
      assert.match(await bob.must(['apply', '--status']), /approved +Welcome/);
      const deployed = await bob.json(['deploy', path]);
      assert.match(textField(field(deployed, 'handler'), 'name'), /^[a-z]+-[a-z]+-\d+$/);
      assert.match(await root.must(['admin', 'tier', 'bob', '2']), /bob is now on tier 2/);
      await root.must(['admin', 'lock', 'bob', 'He mines coins.']);
      assert.match(await root.must(['admin', 'users', '--locked']), /bob .*He mines coins/);
      assert.equal((await bob.run(['list'])).code, 3);
      await root.must(['admin', 'unlock', 'bob']);
      await bob.must(['list']);
      assert.equal((await ada.run(['admin', 'users'])).code, 3);
      const carol = await newAuthor(t, server, 'carol', { tier: 0 });
      await carol.must(['apply', 'Something that nobody wants.']);
      const hers = textField(firstOf(await root.json(['admin', 'applications'])), 'id');
      assert.match(await root.must(['admin', 'refuse', hers]), /refused/);
      assert.match(await root.must(['admin', 'applications', '--status', 'refused']), /carol/);
    });

    await t.test('a quarantine is shown to its owner, and an administrator lifts it', async () => {
      const [{ standing, digest }] = JSON.parse(await ada.must(['versions', 'greeter', '--json']));
      assert.deepEqual([standing.state, standing.neededRuns], ['probation', 20]);
      assert.match(await ada.must(['versions', 'greeter']), /probation 0\/20/);
      assert.match(await ada.must(['show', 'greeter']), /on probation: 0 of 20 good runs/);
      const { id: ownerId } = JSON.parse(await ada.must(['whoami', '--json']));
      await db.transaction((tx) => quarantine(tx, [{ ownerId, digest }], 'memory', 24));
      const reason =
        /in quarantine since .* memory of its process\. Upload a fixed version, ask an administrator/;
      assert.match(await ada.must(['versions', 'greeter']), reason);
      assert.match(await ada.must(['show', 'greeter']), reason);

      const lift = ['admin', 'lift', 'greeter', '1'];
      assert.equal((await ada.run(lift)).code, 3);
      const chief = await newAuthor(t, server, 'chief', { isAdmin: true });
      assert.equal((await chief.run(['admin', 'lift', 'greeter', 'one'])).code, 2);
      assert.match(
        await chief.must(lift),
        /Lifted the quarantine of version 1 of greeter\.\nVersion 1 is on probation: 0 of 20/,
      );
      assert.equal((await chief.run(lift)).code, 5);
      assert.match(await ada.must(['versions', 'greeter']), /probation 0\/20/);
    });

    await t.test('names are generated, and addresses are printed', async () => {
      assert.match(await ada.must(['namegen']), /^[a-z]+-[a-z]+-\d+\n$/);
      assert.equal(await ada.must(['open', '--print']), `${server.origin}/panel/\n`);
      assert.equal(await ada.must(['open', 'docs', '--print']), `${server.origin}/\n`);
      assert.equal(
        await ada.must(['open', 'handler', 'greeter', '--print']),
        `${server.runOrigin}/run/greeter/\n`,
      );
    });

    await t.test('a module that cannot run is refused with an explanation', async () => {
      const path = await put(ada, 'not.wasm', 'not WebAssembly');
      const refused = await ada.run(['deploy', path, '--name', 'not', '--json']);
      assert.equal(refused.code, 5);
      assert.equal(field(JSON.parse(refused.stderr), 'code'), 'module-refused');
    });

    await t.test('an unreachable server and a missing sign-in are reported', async () => {
      const nobody = await newPerson(t, { TRISIEL_SERVER: server.origin });
      const stranger = await nobody.run(['list']);
      assert.equal(stranger.code, 3);
      assert.match(stranger.stderr, /trisiel login/);
      const lost = await ada.run(['list', '--server', 'http://127.0.0.1:9', '--json']);
      assert.equal(lost.code, 6);
      assert.match(
        textField(JSON.parse(lost.stderr), 'detail'),
        /127\.0\.0\.1:9 cannot be reached/,
      );
    });
  });
});
