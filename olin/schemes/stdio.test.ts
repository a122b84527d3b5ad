import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallError } from '../errors.ts';
import { InputResource, OutputResource } from './stdio.ts';

async function readAll(input: InputResource, max: number): Promise<string[]> {
  const chunks: string[] = [];
  for (;;) {
    const chunk = await input.read(max);
    if (chunk === null) return chunks;
    chunks.push(new TextDecoder().decode(chunk));
  }
}

const copy = (bytes: Uint8Array): Uint8Array => bytes.slice();
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

function streamOf(...texts: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(ascii(text));
      controller.close();
    },
  });
}

test('text and bytes are read without a promise, so the guest is not suspended', () => {
  for (const source of ['ab', ascii('ab')]) {
    const input = new InputResource(source);
    assert.ok(input.read(1) instanceof Uint8Array);
    assert.ok(input.read(9) instanceof Uint8Array);
    assert.equal(input.read(9), null);
  }
});

test('chunks are cut to the requested size', async () => {
  assert.deepEqual(await readAll(new InputResource(streamOf('abc', 'd')), 2), ['ab', 'c', 'd']);
});

test('an empty chunk is not the end', async () => {
  assert.deepEqual(await readAll(new InputResource(streamOf('', 'a', '', 'b')), 9), ['a', 'b']);
});

test('a failed source is UnknownError, without the message of the host', async () => {
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error('10.0.0.7 hung up')),
  });
  await assert.rejects(
    async () => new InputResource(source).read(1),
    (error) => {
      assert.ok(error instanceof CallError);
      assert.equal(error.error, 'UnknownError');
      assert.doesNotMatch(error.message, /10\.0\.0\.7/);
      return true;
    },
  );
});

test('the end of a guest is not an error, even if cancelling its source fails', async () => {
  const failing = new ReadableStream<Uint8Array>({
    cancel() {
      throw new Error('cannot be cancelled');
    },
  });
  new InputResource(failing).end();
  new InputResource('text').end();
  await new Promise((resolve) => setImmediate(resolve));
});

test('an empty write does not reach the reader', () => {
  const chunks: Uint8Array[] = [];
  const output = new OutputResource('standard output', (chunk) => void chunks.push(chunk), copy);
  assert.equal(output.write(ascii('')), 0);
  assert.equal(output.write(ascii('a')), 1);
  assert.equal(chunks.length, 1);
});

test('a write completes when its reader has taken the data', async () => {
  const reader = Promise.withResolvers<void>();
  const output = new OutputResource('standard output', () => reader.promise, copy);
  const written = output.write(ascii('abc'));
  assert.ok(written instanceof Promise);
  reader.resolve();
  assert.equal(await written, 3);
});
