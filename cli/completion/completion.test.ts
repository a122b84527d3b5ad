/** Tests completion in each installed shell, with the script that the CLI prints. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters, promisify } from 'node:util';
import { test } from 'node:test';
import { spawn } from '@lydell/node-pty';
import { ROOT, inTemporaryFolder, readVersion } from '../../sdk/toolchain.ts';
import { trisiel } from '../../test/setup/local-command.ts';
import { loadCommands } from '../parser/commands.ts';
import { findCandidates } from './candidates.ts';

const runFile = promisify(execFile);

async function complete(...words: string[]): Promise<string[]> {
  const found = await findCandidates(words, {
    tree: await loadCommands(),
    handlers: () => Promise.resolve(['hello', 'help-desk', 'other']),
  });
  return found.map(({ value }) => value);
}

/** Runs `work` with a folder whose `bin/` contains the CLI and is first in PATH. */
async function withCommand<T>(
  work: (folder: string, env: Record<string, string>) => Promise<T>,
): Promise<T> {
  return inTemporaryFolder(async (folder) => {
    await mkdir(join(folder, 'bin'));
    const path = join(folder, 'bin', 'trisiel');
    const line = `exec '${process.execPath}' '${join(ROOT, 'cli', 'bin.mjs')}' "$@"`;
    await writeFile(path, `#!/bin/sh\n${line}\n`);
    await chmod(path, 0o755);
    const env = {
      PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      // Reuses the compile cache, as on a machine where the CLI was used before.
      XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
      TERM: 'dumb',
    };
    return work(folder, env);
  });
}

test('commands, groups, options, option values and handler names are completed', async () => {
  assert.deepEqual(await complete('comp'), ['completion']);
  assert.ok((await complete('')).includes('init'));
  assert.deepEqual(await complete('dev', '--ti'), ['--tier']);
  assert.deepEqual(await complete('dev', '--tier', ''), ['free', 'plus']);
  assert.deepEqual(await complete('dev', '--tier=p'), ['--tier=plus']);
  assert.deepEqual(await complete('dev', '--tier', '=', 'p'), ['plus']);
  assert.deepEqual(await complete('completion', ''), ['bash', 'zsh', 'fish', 'candidates']);
  assert.deepEqual(await complete('run', '--', '--tr'), []);
  assert.deepEqual(await complete('nothing-like-it', ''), []);
});

test('bash completes with the printed script without evaluating the command line', async (t) => {
  if ((await readVersion('bash')) === undefined) return t.skip('bash is not here');
  await withCommand(async (folder, env) => {
    const ask = async (words: readonly string[]): Promise<string[]> => {
      const script = [
        'source <(trisiel completion bash)',
        `COMP_WORDS=(trisiel ${words.join(' ')})`,
        `COMP_CWORD=${words.length}`,
        '_trisiel_complete',
        'printf "%s\\n" "${COMPREPLY[@]}"',
      ].join('\n');
      const { stdout } = await runFile('bash', ['--norc', '-c', script], { env, cwd: folder });
      return stdout.split('\n').filter((line) => line !== '');
    };
    assert.deepEqual(await ask(['comp']), ['completion']);
    assert.deepEqual(await ask(['dev', '--tier', "'='", 'f']), ['free']);
    const mark = join(folder, 'ran');
    await ask(['run', `'$(touch ${mark})'`]);
    assert.equal(existsSync(mark), false);
  });
});

test('fish completes with the printed script', async (t) => {
  if ((await readVersion('fish')) === undefined) return t.skip('fish is not here');
  await withCommand(async (folder, env) => {
    const ask = async (line: string): Promise<string[]> => {
      const script = `trisiel completion fish | source; complete -C '${line}'`;
      const { stdout } = await runFile('fish', ['--no-config', '-c', script], { env, cwd: folder });
      return stdout.split('\n').filter((each) => each !== '');
    };
    assert.match((await ask('trisiel comp')).join('\n'), /^completion\tComplete commands/);
    assert.deepEqual(await ask('trisiel dev --tier=p'), ['--tier=plus']);
    await writeFile(join(folder, 'my-own.wasm'), '');
    assert.deepEqual(await ask('trisiel run my-o'), ['my-own.wasm']);
  });
});

test('zsh completes with the printed script', async (t) => {
  if ((await readVersion('zsh')) === undefined) return t.skip('zsh is not here');
  await withCommand(async (folder, env) => {
    const pty = spawn('zsh', ['-f', '-i'], { cwd: folder, cols: 120, rows: 30, env });
    let seen = '';
    let news = Promise.withResolvers<void>();
    pty.onData((data) => {
      seen += stripVTControlCharacters(data).replaceAll('\u0008', '');
      news.resolve();
      news = Promise.withResolvers();
    });
    const see = async (wanted: RegExp): Promise<void> => {
      while (!wanted.test(seen)) await news.promise;
    };
    pty.write("source <(trisiel completion zsh); echo sour''ced\r");
    await see(/sourced/);
    pty.write('trisiel comp\t');
    await see(/trisiel completion /);
    pty.write('zs\t\r');
    await see(/compdef _trisiel trisiel/);
    pty.kill();
  });
});

test('an unknown shell is rejected with the list of known ones', async () => {
  const { code, err } = await trisiel(['completion', 'tcsh'], { cwd: ROOT });
  assert.equal(code, 2);
  assert.match(err, /Allowed choices are bash, zsh, fish/);
});
