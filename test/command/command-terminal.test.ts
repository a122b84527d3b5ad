/** `trisiel` on a real terminal: questions, hidden values, progress, colours, untrusted text; and in pipes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawn as spawnOnTerminal } from '@lydell/node-pty';
import { atEnd } from '../setup/at-end.ts';
import { compileCache } from '../setup/compile-cache.ts';
import { answering, newAuthor, newPerson, startServer, type Person } from '../setup/command.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

const BIN = fileURLToPath(new URL('../../cli/bin.mjs', import.meta.url));
const ESCAPE = '\u001b';

/** Runs a command in a terminal of 100 columns. */
class Session {
  /** Everything sent to the terminal. */
  screen = '';
  readonly #terminal;
  readonly #waiting = new Set<() => void>();
  readonly ended: Promise<number>;

  constructor(
    t: TestContext,
    person: Person,
    argv: readonly string[],
    env: Record<string, string> = {},
  ) {
    const terminal = spawnOnTerminal(process.execPath, [BIN, ...argv], {
      cols: 100,
      rows: 40,
      cwd: person.home,
      env: {
        ...compileCache,
        PATH: process.env['PATH'],
        TERM: 'xterm-256color',
        ...person.env,
        ...env,
      },
    });
    this.#terminal = terminal;
    terminal.onData((text) => {
      this.screen += text;
      for (const wake of this.#waiting) wake();
    });
    this.ended = new Promise((resolve) => {
      terminal.onExit(({ exitCode }) => resolve(exitCode));
    });
    let hasEnded = false;
    void this.ended.then(() => (hasEnded = true));
    atEnd(t, () => {
      if (!hasEnded) terminal.kill();
    });
  }

  /** Waits until the terminal shows a match. */
  async sees(wanted: RegExp): Promise<void> {
    while (!wanted.test(this.screen)) {
      await Promise.race([
        new Promise<void>((resolve) => {
          const wake = (): void => {
            this.#waiting.delete(wake);
            resolve();
          };
          this.#waiting.add(wake);
        }),
        this.ended.then(() => {
          assert.match(this.screen, wanted);
        }),
      ]);
    }
  }

  type(keys: string): void {
    this.#terminal.write(keys);
  }
}

interface Piped {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a line in a shell, with pipes. */
async function inShell(
  person: Person,
  line: string,
  env: Record<string, string> = {},
): Promise<Piped> {
  const child = spawn('sh', ['-c', line.replaceAll('trisiel', `'${process.execPath}' '${BIN}'`)], {
    cwd: person.home,
    env: { ...compileCache, PATH: process.env['PATH'], ...person.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  await once(child, 'close');
  return { code: child.exitCode, ...written };
}

suite('the CLI on a terminal', () => {
  const databases = onAnyDatabase();

  test('against a live server', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const server = await startServer(t, db);
    const ada = await newAuthor(t, server, 'ada');
    await writeFile(join(ada.home, 'greeter.wasm'), await answering('hello\\n'));
    const painting = '\\1b]0;owned\\07\\1b[31mred\\1b[0m';
    await writeFile(join(ada.home, 'painter.wasm'), await answering(painting));
    await ada.must(['deploy', 'painter.wasm', '--name', 'painter', '--no-wait']);

    await t.test('a deployment without a name prompts for one', async (t) => {
      const session = new Session(t, ada, ['deploy', 'greeter.wasm']);
      await session.sees(/Name of the handler\?/);
      session.type('greeter\r');
      assert.equal(await session.ended, 0, session.screen);
      assert.match(session.screen, /Deployed.* greeter, version 1/);
    });

    await t.test('delete asks for confirmation, and can be declined', async (t) => {
      for (const keys of ['n', ESCAPE, '\u0003']) {
        const session = new Session(t, ada, ['delete', 'greeter']);
        await session.sees(/Delete greeter\? It stops responding at once/);
        session.type(keys);
        assert.equal(await session.ended, 130, session.screen);
      }
      await ada.must(['show', 'greeter']);
      const session = new Session(t, ada, ['delete', 'greeter']);
      await session.sees(/Delete greeter\?/);
      session.type('y');
      assert.equal(await session.ended, 0, session.screen);
      assert.match(session.screen, /trisiel restore /);
      await ada.must(['restore', 'greeter']);
    });

    await t.test('a value typed at a prompt is not shown', async (t) => {
      const session = new Session(t, ada, ['config', 'set', 'greeter', 'API_KEY']);
      await session.sees(/Value of API_KEY/);
      session.type('hunter2\r');
      assert.equal(await session.ended, 0, session.screen);
      assert.match(session.screen, /Set API_KEY of greeter/);
      assert.doesNotMatch(session.screen, /hunter2/);
    });

    await t.test(
      'control characters in a response are shown on a terminal, and unchanged in a pipe',
      async (t) => {
        const session = new Session(t, ada, ['invoke', 'painter']);
        assert.equal(await session.ended, 0);
        assert.ok(session.screen.includes('^[]0;owned^G^[[31mred^[[0m'), session.screen);
        assert.ok(session.screen.includes(`${ESCAPE}[32mHTTP 200 OK`), 'the command uses colours');
        const plain = new Session(t, ada, ['invoke', 'painter'], { NO_COLOR: '1' });
        assert.equal(await plain.ended, 0);
        assert.ok(!plain.screen.includes(`${ESCAPE}[32m`), plain.screen);
        const piped = await inShell(ada, 'trisiel invoke painter');
        assert.equal(piped.stdout, `${ESCAPE}]0;owned\u0007${ESCAPE}[31mred${ESCAPE}[0m`);
        assert.ok(!piped.stderr.includes(ESCAPE), 'no colours without a terminal');
        const forced = await inShell(ada, 'trisiel invoke painter', { FORCE_COLOR: '1' });
        assert.ok(forced.stderr.includes(`${ESCAPE}[32mHTTP 200 OK`), forced.stderr);
      },
    );
  });

  test('progress is shown on a terminal after a second, and Ctrl-C interrupts it', async (t) => {
    const ada = await newPerson(t, { TRISIEL_TOKEN: 'a.b.c' });
    await writeFile(join(ada.home, 'trisiel.toml'), 'name = "slow"\nbuild = "sleep 20"\n');
    const session = new Session(t, ada, ['deploy']);
    await session.sees(/⠋ Building …[^]*⠙ Building …/);
    session.type('\u0003');
    assert.equal(await session.ended, 130);
  });

  test('Ctrl-C interrupts a hanging request with exit code 130 and no stack trace', async (t) => {
    const asked = Promise.withResolvers<void>();
    const hanging = createServer(() => asked.resolve());
    hanging.listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    atEnd(t, () => {
      hanging.closeAllConnections();
      hanging.close();
    });
    const address = hanging.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const ada = await newPerson(t, {
      TRISIEL_SERVER: `http://127.0.0.1:${port}`,
      TRISIEL_TOKEN: 'a.b.c',
    });
    const session = new Session(t, ada, ['list']);
    await asked.promise;
    session.type('\u0003');
    assert.equal(await session.ended, 130);
    assert.doesNotMatch(session.screen, /Error|at /);
  });

  test('a closed pipe is not an error', async (t) => {
    const ada = await newPerson(t);
    const { code, stdout, stderr } = await inShell(ada, 'trisiel --help | head -1');
    assert.deepEqual([code, stdout, stderr], [0, 'Usage: trisiel [options] [command]\n', '']);
    const closed = await inShell(ada, '(trisiel completion bash; echo "code $?" >&2) | true');
    assert.equal(closed.stderr, 'code 0\n');
  });

  test('an unknown command or option gets a suggestion', async (t) => {
    const ada = await newPerson(t);
    const command = await inShell(ada, 'trisiel deply');
    assert.deepEqual([command.code, command.stdout], [2, '']);
    assert.match(command.stderr, /deply.*Did you mean deploy\?/);
    assert.match((await inShell(ada, 'trisiel list --delted')).stderr, /Did you mean --deleted\?/);
    assert.equal((await inShell(ada, 'trisiel show a b')).code, 2);
    assert.equal((await inShell(ada, 'trisiel config')).code, 2);
  });
});
