import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { compile, loadMetered, meter, run, type RunnableModule } from '../index.ts';
import { nodePlatform } from '../platform/node.ts';
import { METER_VERSION } from '../wasm/plan.ts';

async function example(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = new URL(`../../examples/${name}/module.wasm`, import.meta.url);
  return Uint8Array.from(await readFile(file));
}

const outcome = async (module: RunnableModule) => {
  const { exit, trap, output, bill } = await run(module, { platform: nodePlatform });
  return { exit, trap, output, ...bill, wallMs: 0 };
};

for (const name of ['hello', 'exit-codes', 'trap', 'endless-loop', 'memory-hog']) {
  test(`a stored metered module runs like a module compiled from its source bytes: ${name}`, async () => {
    const bytes = await example(name);
    const compiled = await compile(bytes);
    const loaded = await loadMetered(Uint8Array.from(meter(bytes)), compiled.digest);
    assert.ok(loaded);
    assert.deepEqual(await outcome(loaded), await outcome(compiled));
  });
}

test('a module metered by another version is not loaded, because its gas could differ', async () => {
  const metered = Buffer.from(meter(await example('hello')));
  const at = metered.lastIndexOf(`"version":${METER_VERSION}`);
  assert.ok(at > 0);
  metered.write('"version":0', at);
  assert.equal(await loadMetered(Uint8Array.from(metered), ''), undefined);
});

test('a module that was never metered is refused', async () => {
  await assert.rejects(async () => loadMetered(await example('hello'), ''), /carries no metering/);
});
