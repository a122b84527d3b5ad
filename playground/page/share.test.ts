import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeShare, encodeShare, hasShare, type SharedState } from './share.ts';

const STATE: SharedState = {
  example: 'json-api',
  source: 'stdout.write("naïve 🦀\\n");\n'.repeat(20),
  input: {
    request: { method: 'POST', path: '/a?b=ü', headers: { 'X-A': "it's" }, body: '{"a": 1}' },
    args: ['', 'two words'],
    env: { GREETING: 'hi' },
    policy: 'gas-limit 5',
  },
};

async function link(state: SharedState): Promise<string> {
  const encoded = await encodeShare(state);
  assert.ok(encoded.ok);
  return encoded.value;
}

test('a link restores what was shared, and is safe in a fragment', async () => {
  const hash = await link(STATE);
  assert.match(hash, /^#play=[\w-]+$/);
  assert.ok(hasShare(hash));
  assert.deepEqual(await decodeShare(hash), { ok: true, value: STATE });
});

test('a link is shorter than the state it encodes', async () => {
  assert.ok((await link(STATE)).length < JSON.stringify(STATE).length);
});

test('a damaged link is reported, never partly restored', async () => {
  const hash = await link(STATE);
  const damaged = [
    hash.slice(0, -9),
    `${hash.slice(0, 20)}~${hash.slice(21)}`,
    `#play=`,
    `#play=AAAA`,
    hash.slice(0, 30) + hash.slice(31),
  ];
  for (const each of damaged) {
    const decoded = await decodeShare(each);
    assert.ok(!decoded.ok && decoded.message.includes('damaged'), each);
  }
});

test('a link whose state has another shape is rejected', async () => {
  const wrong = [
    { example: '../etc', input: {} },
    { example: 'hello' },
    { example: 'hello', input: { args: [1] } },
    { example: 'hello', input: { env: { A: 1 } } },
    { example: 'hello', input: { request: { method: 'GET' } } },
  ];
  for (const each of wrong) {
    // The encoder accepts the right shape only; this test needs wrong ones.
    const hash = await link(each as unknown as SharedState);
    assert.equal((await decodeShare(hash)).ok, false, JSON.stringify(each));
  }
});

test('state too long for a link is reported, not truncated', async () => {
  const source = Array.from({ length: 30_000 }, () => Math.random().toString(36)).join('');
  const encoded = await encodeShare({ ...STATE, source });
  assert.ok(!encoded.ok && encoded.message.includes('too long for a link'));
});

test('a small link that inflates to megabytes is rejected', async () => {
  const hash = await link({ ...STATE, source: 'a'.repeat(3_000_000) });
  assert.ok(hash.length < 16_000);
  assert.equal((await decodeShare(hash)).ok, false);
});
