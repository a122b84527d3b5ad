import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LANGUAGES } from './languages.ts';
import { ROOT } from './toolchain.ts';

test('a language that init offers has its toolchain, template, page and library', () => {
  for (const { id, flag, bindings, compiler, project } of LANGUAGES) {
    const wanted = [
      `sdk/${id}/build.ts`,
      `cli/templates/${flag}`,
      `docs-site/src/content/docs/handlers/${id}.mdx`,
    ];
    if (bindings !== undefined) wanted.push(`sdk/${id}/emit.ts`, `sdk/${id}/${bindings.file}`);
    if (compiler.kind === 'built-in') wanted.push(`sdk/${id}/compile.ts`);
    const missing = wanted.filter((path) => !existsSync(join(ROOT, path)));
    assert.deepEqual(missing, []);
    const template = readdirSync(join(ROOT, 'cli/templates', flag), { recursive: true });
    assert.ok(template.map(String).includes(project.source), `${flag} has no ${project.source}`);
    if (project.library === undefined) continue;
    const { library } = project;
    assert.ok(readdirSync(join(ROOT, 'sdk', id)).some((name) => library.test(name)));
  }
});

test('the table contains the folder of every language', () => {
  const folders = (path: string): string[] =>
    readdirSync(join(ROOT, path), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'testdata')
      .map(({ name }) => name)
      .sort();
  assert.deepEqual(folders('sdk'), LANGUAGES.map(({ id }) => id).sort());
  assert.deepEqual(folders('cli/templates'), LANGUAGES.map(({ flag }) => flag).sort());
});
