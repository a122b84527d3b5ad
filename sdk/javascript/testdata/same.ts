/** Compares web APIs with those of Node. */
import assert from 'node:assert/strict';
import { runInThisContext } from 'node:vm';
import { evaluate } from './ask.ts';

/**
 * Evaluates expressions with JSON values in Node and in a handler, and compares the results. One handler evaluates all
 * of them, because building a handler takes longer.
 */
export async function same(...expressions: readonly string[]): Promise<void> {
  const all = `[${expressions.join(',\n')}]`;
  const here: unknown = await runInThisContext(`(async () => ${all})()`);
  assert.deepEqual(await evaluate(all), JSON.parse(JSON.stringify(here)));
}
