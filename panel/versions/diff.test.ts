import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffVersions } from './diff.ts';

const FIRST = {
  digest: 'a',
  bytes: 320,
  functions: 3,
  memoryPages: 1,
  imports: ['cwa.log_write', 'cwa.resource_open', 'cwa.log_write'],
  exports: ['_start', 'memory'],
  features: ['bulk-memory'],
};

test('a diff lists added, removed and kept imports', () => {
  const second = {
    ...FIRST,
    digest: 'b',
    bytes: 300,
    imports: ['cwa.resource_open', 'cwa.time_now'],
    features: [],
  };
  assert.deepEqual(diffVersions(FIRST, second), {
    isSameModule: false,
    bytes: { before: 320, after: 300 },
    functions: { before: 3, after: 3 },
    memoryPages: { before: 1, after: 1 },
    imports: {
      added: ['cwa.time_now'],
      removed: ['cwa.log_write'],
      kept: ['cwa.resource_open'],
    },
    exports: { added: [], removed: [], kept: ['_start', 'memory'] },
    features: { added: [], removed: ['bulk-memory'], kept: [] },
  });
});

test('the same module uploaded twice is reported as the same', () => {
  const diff = diffVersions(FIRST, { ...FIRST });
  assert.equal(diff.isSameModule, true);
  assert.deepEqual(diff.imports.added, []);
  assert.deepEqual(diff.imports.removed, []);
});
