import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodePlatform } from '../olin/platform/node.ts';
import { checkCase, runCase, steady, type CaseOutcome } from './cases.ts';
import { loadExample } from './load.ts';
import type { Case } from './types.ts';

const place = { platform: nodePlatform, origin: 'http://site.test' };

async function runFirst(name: string, change: Partial<Case> = {}): Promise<[CaseOutcome, Case]> {
  const { module, cases } = await loadExample(name);
  const [first] = cases;
  assert.ok(first !== undefined);
  const one = { ...first, ...change };
  return [await runCase(module, one, place), one];
}

test('a case that meets its expectations has no differences', async () => {
  assert.deepEqual(checkCase(...(await runFirst('hello'))), []);
  assert.deepEqual(checkCase(...(await runFirst('cookies'))), []);
  assert.deepEqual(checkCase(...(await runFirst('forbidden-url'))), []);
});

test('every kind of difference is reported', async () => {
  const [outcome, one] = await runFirst('cookies');
  const expect: Case['expect'] = {
    exit: 1,
    status: 200,
    headers: { location: '{origin}/', 'x-absent': '1' },
    output: 'nothing',
    outputMatches: '^nothing',
    outputDigest: '00',
    errorOutput: 'x',
    log: [[1, 'x']],
    urls: ['{origin}/x'],
    gas: -1,
  };
  const differences = checkCase(outcome, { ...one, expect });
  assert.equal(differences.length, 11, differences.join('\n'));
  assert.equal(differences[0], 'exit status: wanted 1, found 0');
  assert.equal(differences[2], 'header location: wanted "http://site.test/", found "/"');
  assert.equal(differences[3], 'header x-absent: wanted "1", found nothing');
});

test('an unexpected trap is reported with its message, and a missing trap with the exit status', async () => {
  const [trapped, one] = await runFirst('trap');
  assert.match(
    checkCase(trapped, { ...one, expect: { exit: 0 } })[0] ?? '',
    /^exit status: wanted 0, found "trap: The guest trapped in /,
  );
  const [ended] = await runFirst('hello');
  assert.deepEqual(checkCase(ended, { ...one, expect: { trap: { code: 'gas' } } }), [
    'trap: wanted "gas", found "exit 0"',
  ]);
});

test('the part of a body before a trap is kept', async () => {
  const { module } = await loadExample('echo');
  const input = {
    request: { method: 'POST', path: '/', body: 'x'.repeat(5000) },
    policy: 'gas-limit 500\n',
  };
  const outcome = await runCase(module, { name: '', input, expect: {} }, place);
  assert.equal(outcome.trap?.code, 'gas');
});

test('the origin of the site replaces {origin}', async () => {
  const { module } = await loadExample('arguments');
  const input = { args: ['{origin}/a'], env: { GREETING: '{origin}/b' } };
  const { output } = await runCase(module, { name: '', input, expect: {} }, place);
  assert.match(
    new TextDecoder().decode(output),
    /1: http:\/\/site\.test\/a\nGREETING is http:\/\/site\.test\/b\n/,
  );
});

test('on a steady platform random numbers repeat and the clock is stopped', async () => {
  for (const name of ['dice', 'clock']) {
    const { module, cases } = await loadExample(name);
    const [first] = cases;
    assert.ok(first !== undefined);
    const throwOnce = (): Promise<CaseOutcome> =>
      runCase(module, first, { ...place, platform: steady(nodePlatform) });
    const [left, right] = [await throwOnce(), await throwOnce()];
    assert.deepEqual(left, right, name);
    assert.deepEqual(checkCase(left, first), []);
  }
});
