/** Tests the questions of `trisiel init` on a real terminal. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'node:test';
import { spawn } from '@lydell/node-pty';
import { ROOT, inTemporaryFolder } from '../../../sdk/toolchain.ts';
import { compileCache } from '../../../test/setup/compile-cache.ts';

/** The terminal as a user sees it and types into it. */
class Screen {
  readonly #pty;
  readonly #ended: Promise<number>;
  #seen = '';
  #news = Promise.withResolvers<void>();

  constructor(argv: readonly string[], cwd: string) {
    this.#pty = spawn(process.execPath, [join(ROOT, 'cli', 'main.ts'), ...argv], {
      cwd,
      cols: 100,
      rows: 30,
      env: {
        ...compileCache,
        PATH: process.env['PATH'] ?? '',
        TERM: 'xterm-256color',
        XDG_CONFIG_HOME: cwd,
      },
    });
    const pty = this.#pty;
    this.#ended = new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
    pty.onData((data) => {
      this.#seen += stripVTControlCharacters(data);
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    });
  }

  /** Waits until the screen shows a match. */
  async see(wanted: RegExp): Promise<void> {
    while (!wanted.test(this.#seen)) {
      const over = this.#ended.then(() => assert.match(this.#seen, wanted));
      await Promise.race([this.#news.promise, over]);
    }
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  end(): Promise<number> {
    return this.#ended;
  }
}

const DOWN = '\u001b[B';
const ENTER = '\r';

test('init prompts for the language and the name, and explains why a name is invalid', () =>
  inTemporaryFolder(async (cwd) => {
    const screen = new Screen(['init'], cwd);
    await screen.see(/Which language\?[^]*TypeScript/);
    for (let step = 0; step < 7; step += 1) screen.type(DOWN);
    await screen.see(/WebAssembly text \(WebAssembly instructions/);
    screen.type(ENTER);
    await screen.see(/Name of the handler\?/);
    screen.type('No_Name');
    screen.type(ENTER);
    await screen.see(/"No_Name" is not a valid handler name/);
    screen.type('\u0015');
    screen.type('second');
    screen.type(ENTER);
    await screen.see(/Created second: WebAssembly text, 5 files/);
    assert.equal(await screen.end(), 0);
    assert.match(await readFile(join(cwd, 'trisiel.toml'), 'utf8'), /^name = "second"$/m);
  }));

test('a valid folder name becomes the handler name, an invalid one prompts for a name, and Ctrl-C writes nothing', () =>
  inTemporaryFolder(async (cwd) => {
    const screen = new Screen(['init', 'My Folder', '-l', 'wat'], cwd);
    await screen.see(/Name of the handler\?/);
    screen.type(ENTER);
    await screen.see(/Created my-folder/);
    await screen.end();
    const named = new Screen(['init', 'first', '-l', 'wat'], cwd);
    await named.see(/Created first/);
    assert.equal(await named.end(), 0);
    const left = new Screen(['init', 'other'], cwd);
    await left.see(/Which language\?/);
    left.type('\u0003');
    assert.equal(await left.end(), 130);
    await assert.rejects(readFile(join(cwd, 'other', 'trisiel.toml')));
  }));
