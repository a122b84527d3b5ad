/** `trisiel deploy` against a live server: a failed deploy never breaks the running version. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { field } from '../setup/servers/api-server.ts';
import { answering, firstOf, newAuthor, put, startServer } from '../setup/command.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

suite('trisiel deploy', () => {
  const databases = onAnyDatabase();

  test('against a live server', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const server = await startServer(t, db);
    const ada = await newAuthor(t, server, 'ada');
    const good = await put(ada, 'good.wasm', await answering('one'));
    const other = await put(ada, 'other.wasm', await answering('two'));
    const bad = await put(ada, 'bad.wasm', (await answering('three')).slice(0, 80));
    const tight = await put(ada, 'tight.policy', 'gas-limit 1\n');
    await put(ada, 'values.env', 'KEY=one\n');

    await t.test('a refused module leaves the previous version active', async () => {
      await ada.must(['deploy', good, '--name', 'live', '--policy', await put(ada, 'p', '')]);
      const before = await ada.json(['show', 'live']);
      const more = ['--policy', tight, '--env-file', 'values.env', '--description', 'New.'];
      const refused = await ada.run(['deploy', bad, '--name', 'live', ...more]);
      assert.equal(refused.code, 5, refused.stderr);
      assert.deepEqual(await ada.json(['show', 'live']), before);
      assert.equal((await ada.run(['invoke', 'live'])).stdout, 'one');

      const first = await ada.run(['deploy', bad, '--name', 'never-made', ...more]);
      assert.equal(first.code, 5, first.stderr);
      assert.equal((await ada.run(['show', 'never-made'])).code, 4);
      assert.equal((await fetch(`${server.runOrigin}/run/never-made/`)).status, 404);
    });

    await t.test('deploy reports what changed if the module is the same', async () => {
      const words = await ada.must(['deploy', good, '--name', 'live', '--description', 'Greets.']);
      assert.match(words, /already has this module\.\nChanged: description\.\nIt responds/);
      const again = await ada.must(['deploy', good, '--name', 'live', '--env-file', 'values.env']);
      assert.match(again, /already has this module\.\nConfiguration set: KEY\./);
      const nothing = await ada.must(['deploy', good, '--name', 'live']);
      assert.match(nothing, /already has this module\.\nNothing changed\./);
      const kept = await ada.run([
        'deploy',
        other,
        '--name',
        'live',
        '--no-activate',
        '--policy',
        tight,
      ]);
      assert.match(kept.stderr, /are unchanged, because of --no-activate/);
      assert.equal((await ada.run(['invoke', 'live'])).stdout, 'one');
    });

    await t.test(
      'concurrent deploys report which one won, and each calls the handler at most once',
      async () => {
        const modules = await Promise.all(
          [1, 2, 3, 4].map(async (at) => put(ada, `${at}.wasm`, await answering(`at ${at}`))),
        );
        const all = await Promise.all(
          modules.map((path) => ada.run(['deploy', path, '--name', 'raced', '--json'])),
        );
        const results = all.map(({ code, stdout, stderr }) => {
          assert.equal(code, 0, stderr);
          return JSON.parse(stdout);
        });
        const last = Math.max(...results.map(({ version }) => version.number));
        assert.equal(last, 4);
        const won = results.find(({ version }) => version.number === last);
        assert.equal(field(won.answer, 'httpStatus'), 200);
        const list = field(await ada.json(['executions', 'raced', '--limit', '100']), 'items');
        assert.ok(Array.isArray(list) && list.length <= 4, JSON.stringify(list));
        assert.equal(field(firstOf(await ada.json(['versions', 'raced'])), 'active'), true);
      },
    );

    await t.test(
      'a module that is too large is refused before it is sent, with both sizes',
      async () => {
        const large = await put(ada, 'large.wasm', new Uint8Array(17 * 1024 * 1024));
        const refused = await ada.run(['deploy', large, '--name', 'large']);
        assert.equal(refused.code, 5);
        assert.match(
          refused.stderr,
          /has 17 MiB \(17,825,792 bytes\); your tier allows 4 MiB \(4,194,304 bytes\)/,
        );
        assert.equal((await ada.run(['show', 'large'])).code, 4);
      },
    );

    await t.test(
      'the compiler’s output is part of the JSON, and is printed before the error',
      async () => {
        await put(ada, 'trisiel.toml', `build = "echo 'main.c:1: oh no' >&2; exit 3"\n`);
        const json = await ada.run(['deploy', '--name', 'built', '--json']);
        const report: unknown = JSON.parse(json.stderr);
        assert.equal(field(report, 'output'), 'main.c:1: oh no');
        assert.match(String(field(report, 'detail')), /exited with status 3\.$/);
        const words = await ada.run(['build']);
        assert.match(
          words.stderr,
          /^main\.c:1: oh no\nError: The build command exited with status 3/,
        );
      },
    );
  });
});
