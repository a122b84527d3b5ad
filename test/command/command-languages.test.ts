/** A new handler in each language with an installed compiler: built, run, deployed to a live server and called. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { suite, test } from 'node:test';
import { findTools } from '../../cli/project/build/toolchains.ts';
import { LANGUAGES } from '../../sdk/languages.ts';
import { TOOLCHAINS } from '../../sdk/toolchain.ts';
import { field, textField } from '../setup/servers/api-server.ts';
import { newAuthor, Person, startServer } from '../setup/command.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

// The compilers that build the examples. Debian's Rust includes the target, which others may lack.
const places = [join(TOOLCHAINS, 'zig', 'ziglang'), '/usr/bin'].filter(existsSync);
process.env['PATH'] = [...places, process.env['PATH']].join(delimiter);

suite('a project of init deploys without changes', () => {
  const databases = onAnyDatabase();

  test('and behaves there as it does locally', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    // A busy machine takes long to check the 2.5 MB of Go.
    const server = await startServer(t, db, { UPLOAD_CHECK_MS: '60000' });
    const author = await newAuthor(t, server, 'ada');
    for (const language of LANGUAGES) {
      await t.test(language.title, async (own) => {
        const missing = (await findTools(language)).filter(({ version }) => version === undefined);
        if (missing.length > 0) {
          return own.skip(`${missing.map(({ tool }) => tool.wanted).join(', ')}: not installed`);
        }
        const name = `in-${language.flag}`;
        await author.must(['init', name, '--language', language.flag]);
        const inside = new Person(join(author.home, name), author.env);
        const module = textField(await inside.json(['build']), 'path');
        const ask = async (request: string, ...more: string[]): Promise<unknown> => {
          const words = ['run', module, '--json', '--request', request, ...more];
          const { status, output } = JSON.parse((await inside.run(words)).stdout);
          return [status, output];
        };
        assert.deepEqual(await ask('GET /?name=Ada'), [200, 'Hello, Ada!\n']);
        assert.deepEqual(await ask('GET /'), [200, 'Hello, world!\n']);
        assert.deepEqual(await ask('GET /?x=1'), [200, 'Hello, world!\n']);
        assert.deepEqual(await ask('POST /', '--data', 'Grace'), [200, 'Hello, Grace!\n']);
        assert.deepEqual(await ask('GET /nowhere'), [404, 'There is nothing at /nowhere.\n']);
        const deployed = await inside.json(['deploy', '--no-build']);
        assert.equal(field(field(deployed, 'answer'), 'status'), 'succeeded');
        const url = textField(field(deployed, 'handler'), 'url');
        assert.equal(await (await fetch(`${url}?name=Ada`)).text(), 'Hello, Ada!\n');
        const lost = await fetch(`${url}nowhere`);
        assert.deepEqual(
          [lost.status, await lost.text()],
          [404, 'There is nothing at /nowhere.\n'],
        );
      });
    }

    await t.test('doctor finds no problems, and completion knows the handlers', async () => {
      assert.equal(field(await author.json(['doctor']), 'ok'), true);
      const candidates = await author.must(['completion', 'candidates', '--', 'show', 'in-w']);
      assert.equal(candidates, 'in-wat\thandler\n');
    });
  });
});
