/** New projects and their build. `test/command/command-languages.test.ts` covers all languages. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inTemporaryFolder } from '../../sdk/toolchain.ts';
import { trisiel, type CommandEnd } from '../../test/setup/local-command.ts';

async function init(folder: string, ...more: string[]): Promise<CommandEnd> {
  return trisiel(['init', 'greeter', ...more], { cwd: folder });
}

test('init overwrites no file: it names existing ones and writes nothing', () =>
  inTemporaryFolder(async (folder) => {
    await init(folder, '--language', 'wat');
    const source = join(folder, 'greeter', 'main.wat');
    await writeFile(source, 'mine');
    const again = await init(folder, '--language', 'wat');
    assert.equal(again.code, 1);
    assert.match(again.err, /Nothing was written: .*main\.wat.* already exist in .*greeter/);
    assert.equal(await readFile(source, 'utf8'), 'mine');
    const other = await init(folder, '--language', 'c');
    assert.match(
      other.err,
      /\.gitignore, README\.md, handler\.policy, trisiel\.toml already exist/,
    );
    assert.equal(existsSync(join(folder, 'greeter', 'main.c')), false);
  }));

test('a link in the folder does not lead init or a build to write elsewhere', () =>
  inTemporaryFolder(async (folder) => {
    const elsewhere = join(folder, 'elsewhere');
    const cwd = join(folder, 'greeter');
    await Promise.all([mkdir(elsewhere), mkdir(cwd)]);
    await symlink(elsewhere, join(cwd, 'olin'), 'junction');
    await symlink(join(elsewhere, 'new'), join(cwd, 'README.md'), 'file');
    const begun = await init(folder, '--language', 'as');
    assert.match(begun.err, /Nothing was written: README\.md, olin already exist/);
    await Promise.all(['olin', 'README.md'].map((name) => rm(join(cwd, name))));
    await init(folder, '--language', 'wat');
    await writeFile(join(elsewhere, 'file'), 'kept');
    for (const target of ['file', 'new']) {
      await rm(join(cwd, 'main.wasm'), { force: true });
      await symlink(join(elsewhere, target), join(cwd, 'main.wasm'), 'file');
      const built = await trisiel(['build'], { cwd });
      assert.equal(built.code, 1);
      assert.match(
        built.err,
        /main\.wasm is a link to a place outside of the project\. Remove the link\./,
      );
    }
    assert.deepEqual(await readdir(elsewhere), ['file']);
    assert.equal(await readFile(join(elsewhere, 'file'), 'utf8'), 'kept');
  }));

test('without a terminal there are no prompts, and the default language is TypeScript', () =>
  inTemporaryFolder(async (cwd) => {
    const plain = await trisiel(['init', 'plain'], { cwd });
    assert.equal(plain.code, 0);
    assert.ok(existsSync(join(cwd, 'plain', 'main.ts')));
    const wrong = await trisiel(['init', '-l', 'as', '--name', 'Bad_Name'], { cwd });
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /"Bad_Name" is not a valid handler name\. Use the letters a to z/);
    const unknown = await trisiel(['init', '-l', 'cobol'], { cwd });
    assert.match(unknown.err, /Allowed choices are ts, js, as, rust, zig, c, go, wat/);
  }));

test('a project may have several source files, and an error names its file, line and column', () =>
  inTemporaryFolder(async (folder) => {
    await init(folder, '--language', 'as');
    const cwd = join(folder, 'greeter');
    await writeFile(
      join(cwd, 'words.as'),
      "export function word(): string {\n  return 'Bye';\n}\n",
    );
    const main = await readFile(join(cwd, 'main.as'), 'utf8');
    const split = `import { word } from './words';\n${main.replace("'Hello, '", "word() + ', '")}`;
    await writeFile(join(cwd, 'main.as'), split);
    const { out } = await trisiel(['run', '-r', 'GET /?name=Ada'], { cwd });
    assert.match(out, /\n\nBye, Ada!\n$/);
    await writeFile(join(cwd, 'words.as'), 'export function word(): string {\n  return 7;\n}\n');
    const broken = await trisiel(['build'], { cwd });
    assert.equal(broken.code, 1);
    assert.match(
      broken.err,
      /^words\.as:2:10: error: Type 'i32' is not assignable to type 'String'/,
    );
  }));

test('a missing compiler is reported with how to install it', () =>
  inTemporaryFolder(async (folder) => {
    await init(folder, '--language', 'zig');
    const before = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      const { code, err } = await trisiel(['build'], { cwd: join(folder, 'greeter') });
      assert.equal(code, 1);
      assert.match(err, /You need Zig 0\.13\. To install it: \S+/);
    } finally {
      process.env['PATH'] = before;
    }
  }));

test('a build that writes no module, or one that the runtime cannot run, fails before anything is sent', () =>
  inTemporaryFolder(async (cwd) => {
    await writeFile(join(cwd, 'trisiel.toml'), 'build = "exit 3"\n');
    const failed = await trisiel(['build'], { cwd });
    assert.match(failed.err, /The build command exited with status 3/);
    await writeFile(join(cwd, 'trisiel.toml'), 'build = "true"\nmodule = "out.wasm"\n');
    const nothing = await trisiel(['build'], { cwd });
    assert.match(nothing.err, /did not write out\.wasm\. Set "module" in trisiel\.toml/);
    await writeFile(join(cwd, 'out.wasm'), 'no wasm');
    const bad = await trisiel(['build'], { cwd });
    assert.equal(bad.code, 1);
    assert.match(bad.err, /out\.wasm: This is not a WebAssembly module/);
  }));
