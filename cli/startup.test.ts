import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadCommands, readOutline } from './parser/commands.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = fileURLToPath(new URL('bin.mjs', import.meta.url));
/** Prints the loaded modules on exit. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  const urls = [];
  registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
  process.on('exit', () => process.stderr.write(urls.join('\\n')));
`)}`;

function loadedBy(...argv: string[]): string[] {
  const { stderr, status } = spawnSync(process.execPath, ['--import', WATCH, BIN, ...argv], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stderr
    .split('\n')
    .filter((url) => url.startsWith('file:'))
    .map((url) => fileURLToPath(url).slice(ROOT.length));
}

/**
 * Returns whether a module of another room has no imports: the table of languages, formatters, path checks, helpers for
 * streams.
 */
function isLight(path: string): boolean {
  return /^sdk\/(inside|languages|tools)\.ts$|^olin\/(quantities|platform\/node-http)\.ts$/.test(
    path,
  );
}

test('help starts quickly: it loads no command, no runtime and no compiler', () => {
  const loaded = loadedBy('--help');
  assert.deepEqual(
    loaded.filter((path) => /^(olin|sdk|server|cli\/commands)\//.test(path) && !isLight(path)),
    [],
  );
  const packages = loaded.filter((path) => path.startsWith('node_modules/'));
  assert.deepEqual([...new Set(packages.map((path) => path.split('/')[1]))], ['commander']);
});

test('trisiel --help shows the summary of every command as the command declares it', async () => {
  const { commands, groups } = await loadCommands();
  const outline = await readOutline();
  const wanted = [
    ...groups.map(({ word, summary }) => [word, summary] as const),
    ...commands
      .filter(({ words }) => words.length === 1)
      .map(({ words, spec }) => [words[0] ?? '', spec.summary] as const),
  ];
  const found = new Map(outline.groups.map(({ word, summary }) => [word, summary]));
  assert.deepEqual(found, new Map(wanted.sort(([a], [b]) => a.localeCompare(b, 'en'))));
});

test('no command loads the runtime or a compiler before it runs', () => {
  const loaded = loadedBy('completion', 'candidates', '--', '');
  assert.deepEqual(
    loaded.filter((path) => /^(olin|sdk)\/|re2js|clack|smol-toml/.test(path) && !isLight(path)),
    [],
  );
});

test('a command starts without loading the others', () => {
  const loaded = loadedBy('list', '--help').filter((path) => path.startsWith('cli/commands/'));
  assert.deepEqual(loaded, ['cli/commands/handlers/list.ts']);
});
