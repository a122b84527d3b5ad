/** Every example and every case of it, in Node and in Chromium: what the case says, and the same in both. */
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
    assert.deepEqual(answers[i], toPlain(outcome), 'Chromium gave something else than Node');
    const { gasByFunction = [], ...rest } = profiled[i] ?? {};
    assert.deepEqual(rest, outcome, 'counting by function changed the run');
    const sum = gasByFunction.reduce((total, { gas }) => total + gas, 0);
    assert.equal(sum, outcome.gas, 'gas by function does not add up');
  });
}

test('the examples keep to the Content-Security-Policy of the site', () => {
  assert.deepEqual(page.complaints, []);
});

/** As the worker's answer comes out of the page: the digest stands for the bytes, and what is undefined is not there. */
function toPlain({ output, ...outcome }: CaseOutcome): unknown {
  return JSON.parse(JSON.stringify({ ...outcome, output: new TextDecoder().decode(output) }));
}
