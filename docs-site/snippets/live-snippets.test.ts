import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { checkCase, runCase } from '../../examples/cases.ts';
import { FUNCTIONS } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { LIVE_SNIPPETS } from './live-snippets.ts';

test('every system call in the reference has a program to run, and no program is unused', () => {
  assert.deepEqual([...LIVE_SNIPPETS.keys()].sort(), [...FUNCTIONS.keys()].sort());
});

suite('the live snippet of each system call calls it and gives the expected result', () => {
  for (const [name, { module, case: own }] of LIVE_SNIPPETS) {
    test(name, async () => {
      const outcome = await runCase(module, own, { platform: nodePlatform, origin: 'http://test' });
      assert.deepEqual(checkCase(outcome, own), []);
      assert.equal(outcome.trap, undefined);
      assert.ok(outcome.calls.some((call) => call.name === name));
    });
  }
});
