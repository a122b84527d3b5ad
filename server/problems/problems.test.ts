import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROBLEMS } from './problems.ts';

const SERVER = join(import.meta.dirname, '..');

test('a problem is documented for its audience: authors of the API, callers of executors', () => {
  const audiences = { api: 'authors', executor: 'callers' };
  const codes = new Map(Object.entries(PROBLEMS));
  const wrong: string[] = [];
  for (const [room, audience] of Object.entries(audiences)) {
    const thrown = globSync(`${room}/**/*.ts`, { cwd: SERVER })
      .filter((file) => !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(SERVER, file), 'utf8'))
      .flatMap((text) => [...text.matchAll(/new ProblemError\(\s*'([a-z-]+)'/g)]);
    assert.ok(thrown.length > 10);
    for (const [, code = ''] of thrown) {
      const found = codes.get(code)?.audience;
      if (found !== 'all' && found !== audience) wrong.push(`${room} throws ${code}: ${found}`);
    }
  }
  assert.deepEqual(wrong, []);
});
