/** The conformance suite in Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile as compileText } from '../../sdk/wat/compile.ts';
import { compile, run } from '../index.ts';
import { nodePlatform } from '../platform/node.ts';
import { CASES, titleOf, tryCase, type ConformanceHost } from './index.ts';

const place: ConformanceHost = {
  run: async (bytes, options) => run(await compile(bytes), options),
  platform: nodePlatform,
};

for (const each of CASES) {
  test(titleOf(each), async () => {
    const built = await compileText(each.guest);
    assert.ok(built.ok, `the guest does not compile: ${JSON.stringify(built)}`);
    assert.deepEqual(await tryCase(each, built.module, place), []);
  });
}
