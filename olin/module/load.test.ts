import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import {
  compile,
  loadMetered,
  meter,
  prepareModule,
  run,
  toRunnable,
  type RunnableModule,
} from '../index.ts';
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

for (const name of ['hello', 'exit-codes', 'trap', 'endless-loop', 'memory-hog', 'hello-ts']) {
  test(`a stored metered module runs like a module compiled from its source bytes: ${name}`, async () => {
    const bytes = await example(name);
    const compiled = await compile(bytes);
    const { metered, image } = prepareModule(bytes);
    const loaded = await loadMetered(metered);
    assert.ok(loaded);
    const module = toRunnable(loaded, compiled.digest, image);
    assert.deepEqual(await outcome(module), await outcome(compiled));
  });
}

test('a module metered by another version is not loaded, because its gas could differ', async () => {
  const metered = Buffer.from(meter(await example('hello')));
  const at = metered.lastIndexOf(`"version":${METER_VERSION}`);
  assert.ok(at > 0);
  metered.write('"version":0', at);
  assert.equal(await loadMetered(Uint8Array.from(metered)), undefined);
});

test('a module that was never metered is refused', async () => {
  await assert.rejects(async () => loadMetered(await example('hello')), /is not metered/);
});

test('code without its image, or with the image of other code, does not run', async () => {
  const whole = await loadMetered(prepareModule(await example('hello')).metered);
  const { metered, image } = prepareModule(await example('hello-ts'));
  const code = await loadMetered(metered);
  assert.ok(whole && code && image);
  assert.throws(() => toRunnable(code, '', undefined), /has no image/);
  assert.throws(() => toRunnable(whole, '', image), /not one of this code/);
  for (const at of [0, 4, 5, image.length - 1]) {
    const damaged = image.slice();
    if (at === image.length - 1) assert.throws(() => toRunnable(code, '', image.slice(0, at)));
    else assert.throws(() => toRunnable(code, '', damaged.fill(0xff, at, at + 6)), /damaged/);
  }
});
