import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { loadCommands } from './parser/commands.ts';
import { buildProgram } from './parser/program.ts';

const runFile = promisify(execFile);

/** Returns the words that a shell passes to each `trisiel` command in the line, including in pipes and substitutions. */
async function split(line: string, folder: string): Promise<string[][]> {
  // Input files need not exist here.
  const bare = line.replace(/ < \S+$/, '');
  // Each call is printed in one write, because both ends of a pipe run concurrently.
  const stubs = `trisiel() { local IFS=$'\\037'; printf '%s\\n' "$*" >&3; }; source() { cat "$@"; }`;
  const script = `${stubs}; { ${bare}; } 3>&1 >/dev/null`;
  const { stdout } = await runFile('bash', ['--norc', '-c', script], { cwd: folder });
  const calls = stdout.split('\n').slice(0, -1);
  return calls.map((call) => (call === '' ? [] : call.split('\u001f')));
}

test('the parser accepts each example line of a command’s help and page', async (t) => {
  // Some lines write files.
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-examples-'));
  t.after(() => rm(folder, { recursive: true }));
  const tree = await loadCommands();
  for (const { words, spec } of tree.commands) {
    assert.ok(spec.examples.length > 0, `${words.join(' ')} has no example`);
    for (const { line } of spec.examples) {
      const called: string[] = [];
      for (const given of await split(line, folder)) {
        const program = buildProgram(tree, {
          version: '0.0.0',
          write: () => undefined,
          writeError: () => undefined,
          hasColours: false,
          onCall: async ({ named }) => void called.push(named.words.join(' ')),
        });
        await program.parseAsync(given, { from: 'user' });
      }
      assert.ok(called.includes(words.join(' ')), `${line} calls ${called.join(', ')}`);
    }
  }
});
