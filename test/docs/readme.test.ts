import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadExample } from '../../examples/load.ts';
import { root } from '../../scripts/paths.ts';

const readme = await readFile(join(root, 'README.md'), 'utf8');
const block = (language: string): string =>
  new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(readme)?.[1] ?? '';

test('the function in the README is the one that its curl line calls', async () => {
  const { source, cases } = await loadExample('hello-http');
  const bare = source.replaceAll(/^\/\/.*\n/gm, '').replaceAll(/\n{2,}/g, '\n');
  assert.equal(block('ts').replaceAll(/\n{2,}/g, '\n'), bare);
  const [, answer] = block('console').split('\n');
  const shown = cases.find(({ input }) => input.request?.path === '/?name=Ada');
  assert.equal(`${answer}\n`, shown?.expect.output);
});

test('the README names exactly the npm scripts that exist', async () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  const named = Array.from(
    readme.matchAll(/npm (?:run )?(?:--silent )?([a-z]+)/g),
    ([, name]) => name,
  );
  for (const name of named) assert.ok(name !== undefined && name in scripts, `npm run ${name}`);
  for (const name of ['start', 'test', 'dev', 'check', 'olin', 'examples', 'bench']) {
    assert.ok(named.includes(name), `the README does not name npm run ${name}`);
  }
});

test('every file that the README links to exists', async () => {
  for (const [, path = ''] of readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
    await access(join(root, path));
  }
});
