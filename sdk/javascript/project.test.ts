import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { compile, serve } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { inTemporaryFolder } from '../toolchain.ts';
import { compileProject } from './project.ts';

async function inProject<T>(
  files: Readonly<Record<string, string>>,
  work: (main: string) => Promise<T>,
): Promise<T> {
  return inTemporaryFolder(async (folder) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    return work(join(folder, 'main.ts'));
  });
}

async function answer(files: Readonly<Record<string, string>>): Promise<[string, string[]]> {
  return inProject(files, async (main) => {
    const built = await compileProject(main);
    if (!built.ok) assert.fail(JSON.stringify(built.diagnostics));
    const served = await serve(await compile(built.module), new Request('http://test/'), {
      platform: nodePlatform,
    });
    assert.ok(served.ok);
    const text = await served.response.text();
    const { log } = await served.result;
    return [text, log.map((line) => line.text)];
  });
}

async function refusal(files: Readonly<Record<string, string>>): Promise<string> {
  return inProject(files, async (main) => {
    const built = await compileProject(main);
    assert.equal(built.ok, false);
    return built.diagnostics
      .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
      .join('\n');
  });
}

test('a handler imports files, texts, JSON and npm packages in both module systems', async () => {
  const [text] = await answer({
    'main.ts': `import { greet } from './lib/greet.ts';
import page from './page.html';
import data from './data.json';
import old from 'old-package';
import { fresh } from 'new-package/part';
export default { fetch: (): Response => new Response([greet('Ada'), page, data.n, old.value, fresh, process.env.NODE_ENV].join('|')) };`,
    'lib/greet.ts': 'export const greet = (name: string): string => `Hello, ${name}`;',
    'page.html': '<b>',
    'data.json': '{"n": 7}',
    'node_modules/old-package/package.json': '{"name": "old-package", "main": "index.js"}',
    'node_modules/old-package/index.js': "exports.value = 'cjs';",
    'node_modules/new-package/package.json':
      '{"name": "new-package", "exports": {"./part": {"node": "./node.js", "worker": "./worker.js"}}}',
    'node_modules/new-package/worker.js': "export const fresh = 'esm';",
  });
  assert.equal(text, 'Hello, Ada|<b>|7|cjs|esm|production');
});

test('an exception is logged with the file, line and column of the author’s source', async () => {
  const [, [log = '']] = await answer({
    'main.ts': `import { dig } from './lib/dig.ts';

interface Unused { readonly a: string }
export default {
  fetch(): Response {
    return dig();
  },
};`,
    'lib/dig.ts': `type Never = never;\n\nexport function dig(): Never {\n  throw new RangeError('too deep');\n}`,
  });
  assert.equal(
    log,
    'RangeError: too deep\n    at dig (lib/dig.ts:4:13)\n    at fetch (main.ts:6:12)',
  );
});

test('a build error names the position: for syntax, imports, and exceptions at the top level', async () => {
  assert.match(
    await refusal({ 'main.ts': 'export default {\n  fetch() { return ] }' }),
    /^main\.ts:2:20: Unexpected "]"/,
  );
  assert.match(
    await refusal({ 'main.ts': "\nimport fs from 'node:fs';\nexport default fs;" }),
    /^main\.ts:2:16: "node:fs" is a part of Node/,
  );
  assert.match(
    await refusal({ 'main.ts': "import x from 'no-such-package';\nexport default x;" }),
    /npm install no-such-package/,
  );
  assert.match(
    await refusal({
      'main.ts': "import './early.ts';\nexport default { fetch: (): Response => new Response() };",
      'early.ts': '\n\nconst started: number = Date.now();\nconsole.log(started);',
    }),
    /^early\.ts:3:30: TypeError: Date\.now\(\) is not available while the module is initialized/,
  );
});

test('a project cannot bundle files outside of its folder', async () => {
  await inTemporaryFolder(async (folder) => {
    const put = async (name: string, text: string): Promise<void> => {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    };
    await put('secret.json', '{"key": "hunter2"}');
    await put('secret.txt', 'hunter2');
    await put('shared/index.ts', `export { value } from './value.ts';`);
    await put('shared/value.ts', `export const value: string = 'shared';`);
    await put('shared/out.ts', `export { default } from '../secret.json';`);
    await put('shared/package.json', '{"name": "shared", "main": "index.ts"}');
    await mkdir(join(folder, 'node_modules'));
    await mkdir(join(folder, 'project'));
    await symlink(join(folder, 'shared'), join(folder, 'node_modules', 'shared'), 'junction');
    await symlink(join(folder, 'secret.txt'), join(folder, 'project', 'inner.txt'), 'file');
    await put(
      'project/tsconfig.json',
      JSON.stringify({ compilerOptions: { paths: { alias: ['../secret.json'] } } }),
    );
    const build = async (from: string): Promise<string> => {
      await put(
        'project/main.ts',
        `import value from ${JSON.stringify(from)};\nexport default { fetch: () => new Response(String(value)) };`,
      );
      const built = await compileProject(join(folder, 'project', 'main.ts'));
      return built.diagnostics
        .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
        .join('\n');
    };
    const paths = ['../secret.json', join(folder, 'secret.json'), './inner.txt', 'alias'];
    for (const path of [...paths, 'shared/out.ts']) {
      assert.match(
        await build(path),
        /^(?:main\.ts:1:19|\.\.\/shared\/out\.ts:1:\d+): ".*" is outside of the project\. A handler imports/,
        path,
      );
    }
    // A workspace package, whose files are beside the project.
    await put(
      'project/main.ts',
      `import { value } from 'shared';\nexport default { fetch: () => new Response(value) };`,
    );
    assert.equal((await compileProject(join(folder, 'project', 'main.ts'))).ok, true);
  });
});
