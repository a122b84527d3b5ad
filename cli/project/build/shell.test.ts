/** Tests that a terminated build leaves no processes behind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTrisiel } from '../../../test/setup/local-command.ts';

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
] as const) {
  test(`${signal} ends the build and all processes that it started`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'trisiel-shell-'));
    t.after(() => rm(folder, { recursive: true }));
    const build = 'sleep 600 & echo $! > started; wait';
    await writeFile(join(folder, 'trisiel.toml'), `build = ${JSON.stringify(build)}\n`);
    const child = startTrisiel(['build'], { cwd: folder });
    const ended = once(child, 'exit');
    const pid = Number(
      await until(() => readFile(join(folder, 'started'), 'utf8').catch(() => '')),
    );
    t.after(() => isAlive(pid) && process.kill(pid, 'SIGKILL'));
    child.kill(signal);
    assert.deepEqual(await ended, [code, null]);
    await until(() => (isAlive(pid) ? '' : 'gone'));
  });
}

async function until(read: () => string | Promise<string>): Promise<string> {
  const end = Date.now() + 20_000;
  for (;;) {
    const found = await read();
    if (found.trim() !== '') return found;
    assert.ok(Date.now() < end, 'the condition did not become true in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
