import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBase64, hexDump } from './hex.ts';

test('bytes are shown sixteen a line, with their place, and what is not printable as a dot', () => {
  const bytes = new Uint8Array([0x48, 0x69, 0x0a, 0xff, ...new Uint8Array(13).fill(0x2e)]);
  assert.equal(
    hexDump(bytes),
    [
      '000000  48 69 0a ff 2e 2e 2e 2e  2e 2e 2e 2e 2e 2e 2e 2e  Hi..............',
      '000010  2e                                                .',
    ].join('\n'),
  );
  assert.equal(hexDump(new Uint8Array()), '');
});

test('base64 becomes the bytes that it stands for', () => {
  assert.deepEqual([...fromBase64('AP8=')], [0, 255]);
});
