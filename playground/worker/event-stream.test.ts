import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventStream } from './event-stream.ts';
import type { RunEvent } from './worker-api.ts';

const text = new TextDecoder();
const bytes = (of: string): Uint8Array => new TextEncoder().encode(of);

function collect(): { stream: EventStream; batches: (readonly RunEvent[])[] } {
  const batches: (readonly RunEvent[])[] = [];
  return { stream: new EventStream((events) => batches.push(events)), batches };
}

/** Describes the batches, one word per event. */
function describeBatches(batches: readonly (readonly RunEvent[])[]): string[] {
  return batches.flat().map((event) => {
    if ('bytes' in event) return `${event.type}:${text.decode(event.bytes)}`;
    return event.type === 'log' ? `log:${event.line.text}` : event.type;
  });
}

test('the first output is sent immediately, without waiting for a frame', () => {
  const { stream, batches } = collect();
  stream.add({ type: 'output', bytes: bytes('a') });
  assert.deepEqual(describeBatches(batches), ['output:a']);
});

test('a guest that writes byte by byte sends few messages, and no byte is lost or reordered', () => {
  const { stream, batches } = collect();
  for (let at = 0; at < 10_000; at++) {
    stream.add({ type: 'output', bytes: bytes(String(at % 10)) });
    stream.add({ type: 'errorOutput', bytes: bytes('e') });
  }
  stream.close();
  const joined = (type: string): string =>
    describeBatches(batches)
      .filter((word) => word.startsWith(`${type}:`))
      .map((word) => word.slice(type.length + 1))
      .join('');
  assert.equal(joined('output'), '0123456789'.repeat(1_000));
  assert.equal(joined('errorOutput'), 'e'.repeat(10_000));
  assert.ok(batches.flat().length < 2_000);
});

test('the head of a response comes before its body, the end last', () => {
  const { stream, batches } = collect();
  stream.add({ type: 'log', line: { level: 6, text: 'one', atMs: 0 } });
  stream.add({ type: 'head', status: 200, headers: [] });
  stream.add({ type: 'output', bytes: bytes('a') });
  stream.add({ type: 'log', line: { level: 6, text: 'two', atMs: 0 } });
  stream.add({ type: 'output', bytes: bytes('b') });
  stream.add({ type: 'failed', error: { code: 'host', message: '' } });
  stream.close();
  assert.deepEqual(describeBatches(batches), ['log:one', 'head', 'output:ab', 'log:two', 'failed']);
});

test('buffered events are sent without further calls', async () => {
  const { stream, batches } = collect();
  stream.add({ type: 'output', bytes: bytes('a') });
  stream.add({ type: 'output', bytes: bytes('b') });
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.deepEqual(describeBatches(batches), ['output:a', 'output:b']);
});
