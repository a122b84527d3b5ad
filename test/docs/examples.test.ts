/**
 * Runs every case of every example in Node and in Chromium: both must give the expected result, and the same trace and
 * gas.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { checkCase, runCase, steady, type CaseOutcome } from '../../examples/cases.ts';
import { loadExamples } from '../../examples/load.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { openWorkerPage } from '../setup/worker-page.ts';

const examples = await loadExamples();
const greeting = new URL('../../docs-site/public/greeting.json', import.meta.url);
const page = await openWorkerPage(
  'examples.ts',
  new Map([
    ['/greeting.json', await readFile(greeting)],
    ...examples.map(({ name, module }) => [`/${name}.wasm`, module] as const),
  ]),
);
after(() => page.stop());

const cases = examples.flatMap(({ name, module, cases }) =>
  cases.map((one) => ({ name, module: `/${name}.wasm`, bytes: module, one })),
);
const inChromium = await page.ask(cases.map(({ module, one }) => ({ module, one })));
assert.ok(Array.isArray(inChromium));
const answers: readonly unknown[] = inChromium;
// In parallel, because some of them sleep. The platform is steady, so that clock and random numbers are the same in both.
const inNode = await Promise.all(
  cases.map(({ bytes, one }) =>
    runCase(bytes, one, { platform: steady(nodePlatform), origin: page.origin }),
  ),
);
const profiled = await Promise.all(
  cases.map(({ bytes, one }) =>
    runCase(bytes, one, { platform: steady(nodePlatform), origin: page.origin, profile: true }),
  ),
);

for (const [i, { name, one }] of cases.entries()) {
  test(`${name}: ${one.name}`, () => {
    const outcome = inNode[i];
    assert.ok(outcome);
    assert.deepEqual(checkCase(outcome, one), [], 'in Node');
    assert.deepEqual(answers[i], toPlain(outcome), 'Chromium and Node differ');
    const { gasByFunction = [], ...rest } = profiled[i] ?? {};
    assert.deepEqual(rest, outcome, 'profiling changed the run');
    const sum = gasByFunction.reduce((total, { gas }) => total + gas, 0);
    assert.equal(sum, outcome.gas, 'gas by function does not add up');
  });
}

test('the examples respect the Content-Security-Policy of the site', () => {
  assert.deepEqual(page.complaints, []);
});

/**
 * Converts a result to the form in which the worker returns it: with the digest instead of the bytes, and without
 * undefined fields.
 */
function toPlain({ output, ...outcome }: CaseOutcome): unknown {
  return JSON.parse(JSON.stringify({ ...outcome, output: new TextDecoder().decode(output) }));
}
