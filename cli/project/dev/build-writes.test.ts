import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BuildWrites } from './build-writes.ts';

test('a file that every build writes triggers two more builds, but not a third', () => {
  const writes = new BuildWrites();
  const written: string[] = [];
  const during = (...paths: string[]): string[] => {
    writes.begin();
    return writes.duringBuild(paths, (path) => written.push(path));
  };
  assert.deepEqual(during('stamp.txt'), ['stamp.txt']);
  assert.deepEqual(during('stamp.txt'), ['stamp.txt']);
  assert.deepEqual(during('stamp.txt', 'main.c'), ['main.c']);
  assert.deepEqual(written, ['stamp.txt']);
  assert.deepEqual(during('stamp.txt'), []);
});

test('a source that is saved during builds is always built, if one build runs without a change to it', () => {
  const writes = new BuildWrites();
  for (let round = 0; round < 4; round += 1) {
    writes.begin();
    assert.deepEqual(
      writes.duringBuild(['main.c'], () => assert.fail()),
      ['main.c'],
    );
    // Twice during one build is once.
    assert.deepEqual(
      writes.duringBuild(['main.c'], () => assert.fail()),
      ['main.c'],
    );
    writes.begin();
  }
});
