/** The conformance suite in Chromium. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CASES, titleOf } from '../../olin/conformance/index.ts';
import { compile } from '../../sdk/wat/compile.ts';
import { openWorkerPage } from '../setup/worker-page.ts';

const guests = new Map<string, Uint8Array>();
for (const [i, each] of CASES.entries()) {
  const built = await compile(each.guest);
  if (built.ok) guests.set(`/guests/${i}.wasm`, built.module);
}
const page = await openWorkerPage('conformance.ts', guests);
after(() => page.stop());
const answer = await page.ask('all');
assert.ok(Array.isArray(answer));

for (const [i, each] of CASES.entries()) {
  test(titleOf(each), () => assert.deepEqual(answer[i], []));
}

test('the runtime respects the Content-Security-Policy of the site', () => {
  assert.deepEqual(page.complaints, []);
});
