import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { bodyStream, headerPairs, writeChunk } from './node-http.ts';

test('a guest gets every received header, in order and with repeats', () => {
  const raw = ['Accept', 'a', 'Set-Cookie', 'x', 'set-cookie', 'y'];
  assert.deepEqual(
    [...headerPairs(raw)],
    [
      ['Accept', 'a'],
      ['Set-Cookie', 'x'],
      ['set-cookie', 'y'],
    ],
  );
  const change = (name: string, value: string): string | undefined =>
    name === 'Accept' ? undefined : value.toUpperCase();
  assert.deepEqual(
    [...headerPairs(raw, change)],
    [
      ['Set-Cookie', 'X'],
      ['set-cookie', 'Y'],
    ],
  );
});

test('only a request with a length or a coding has a body, which is read on demand', async () => {
  const source = (headers: Record<string, string>) => {
    const chunks = Readable.from([Buffer.from('ab'), Buffer.from('cd')]);
    return { headers, iterator: () => chunks[Symbol.asyncIterator]() };
  };
  assert.equal(bodyStream(source({})), null);
  assert.equal(bodyStream(source({ 'content-length': '0' })), null);
  const seen: string[] = [];
  const body = bodyStream(source({ 'transfer-encoding': 'chunked' }), (chunk) =>
    seen.push(Buffer.from(chunk).toString()),
  );
  const reader = body?.getReader();
  await reader?.read();
  assert.deepEqual(seen, ['ab']);
  await reader?.read();
  assert.deepEqual(seen, ['ab', 'cd']);
});

test('a writer waits for a slow reader, but not for one that has disconnected', async () => {
  const slow = new PassThrough({ highWaterMark: 2 });
  assert.equal(writeChunk(slow, Buffer.from('a')), undefined);
  const waiting = writeChunk(slow, Buffer.from('bc'));
  assert.ok(waiting instanceof Promise);
  slow.resume();
  await waiting;
  const gone = new PassThrough({ highWaterMark: 1 });
  const broken = writeChunk(gone, Buffer.from('ab'));
  gone.destroy();
  await broken;
  assert.equal(writeChunk(gone, Buffer.from('cd')), undefined);
  assert.deepEqual([gone.listenerCount('drain'), slow.listenerCount('drain')], [0, 0]);
});
