import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readReply } from './testdata/read-reply.ts';

/** Returns numbers under `below`, the same on each run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const BASES = [
  '',
  'Content-Type: a/b\n\nbody',
  'Status: 404 No\r\nContent-Type: a/b\r\n\r\n',
  'Location: /x\n\n',
  'Content-Type: a/b\nContent-Length: 4\n\nbody',
] as const;
const FRAGMENTS = [
  '\n',
  '\r\n',
  '\r',
  ':',
  ' ',
  '\0',
  '\xff',
  'X-A: b\n',
  'Status: 204\n',
  'Content-Length: 4\n',
  'Transfer-Encoding: chunked\n',
  'HTTP/1.1 200 OK\n',
  'Set-Cookie: a\n',
  'Location: http://x\n',
  'x'.repeat(200),
] as const;

describe('any output', () => {
  it('gives the same reply or ReplyError however it is split', () => {
    const random = seeded(38_75);
    const seen = { good: 0, bad: 0 };
    for (let round = 0; round < 4000; round++) {
      let text = BASES[random(BASES.length)] ?? '';
      for (let count = random(4); count > 0; count--) {
        const at = random(text.length + 1);
        text = text.slice(0, at) + (FRAGMENTS[random(FRAGMENTS.length)] ?? '') + text.slice(at);
      }
      const method = random(8) === 0 ? 'HEAD' : 'GET';
      const whole = readReply([text], method);
      const pieces: string[] = [];
      for (let at = 0; at < text.length;) {
        const next = at + 1 + random(random(2) === 0 ? 3 : 40);
        pieces.push(text.slice(at, next));
        at = next;
      }
      const cut = readReply(pieces, method);
      assert.deepEqual([cut.head, cut.error], [whole.head, whole.error], JSON.stringify(text));
      // If a body is too long, the part that is passed on depends on the chunks.
      if (whole.error === undefined) assert.equal(cut.body, whole.body, JSON.stringify(text));
      seen[whole.error === undefined ? 'good' : 'bad'] += 1;
      if (whole.head === undefined || whole.error !== undefined) continue;
      for (const { name, value } of whole.head.fields)
        assert.doesNotMatch(name + value, /[\r\n\0]/);
    }
    assert.ok(seen.good > 400 && seen.bad > 400, JSON.stringify(seen));
  });
});
