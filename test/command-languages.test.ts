/** A new handler of each language whose compiler is here, deployed to a live server and called there. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { suite, test } from 'node:test';
import { LANGUAGES } from '../cli/project/languages.ts';
import { findTools } from '../cli/project/toolchains.ts';
import { TOOLCHAINS } from '../sdk/toolchain.ts';
import { field, textField } from './api-server.ts';
import { newAuthor, Person, startServer } from './command.ts';
import { onPglite } from './databases.ts';

// Compilers that the project's own examples are built with; Debian's Rust has the target where another has not.
const places = [join(TOOLCHAINS, 'zig', 'ziglang'), '/usr/bin'].filter(existsSync);
process.env['PATH'] = [...places, process.env['PATH']].join(delimiter);

suite('what init writes goes to a server as it is', () => {
  const databases = onPglite();

  test('and answers there as it does here', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const server = await startServer(t, db);
    const author = await newAuthor(t, server, 'ada');
    for (const language of LANGUAGES) {
      await t.test(language.title, async (own) => {
        const missing = (await findTools(language)).filter(({ version }) => version === undefined);
        if (missing.length > 0) {
          return own.skip(`${missing.map(({ tool }) => tool.wanted).join(', ')}: not here`);
        }
        const name = `in-${language.id}`;
        await author.must(['init', name, '--language', language.id]);
        const inside = new Person(join(author.home, name), author.env);
        const deployed = await inside.json(['deploy']);
        assert.equal(field(field(deployed, 'answer'), 'status'), 'succeeded');

        const here = JSON.parse(
          (await inside.run(['run', '--request', 'GET /?name=Ada', '--json'])).stdout,
        );
        assert.deepEqual([here.status, here.output], [200, 'Hello, Ada!\n']);
        const reply = await fetch(`${textField(field(deployed, 'handler'), 'url')}?name=Ada`);
        assert.equal(await reply.text(), here.output);
        const lost = await fetch(`${textField(field(deployed, 'handler'), 'url')}nowhere`);
        assert.deepEqual(
          [lost.status, await lost.text()],
          [404, 'There is nothing at /nowhere.\n'],
        );
      });
    }
  });
});
