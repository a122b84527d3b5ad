import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallError } from '../errors.ts';
import { nodePlatform } from '../platform/node.ts';
import { logScheme } from './log.ts';
import type { Resource } from './resource.ts';

function open(url: string): { resource: Resource; lines: string[] } {
  const lines: string[] = [];
  const resource = logScheme.open(url, {
    platform: nodePlatform,
    signal: new AbortController().signal,
    log: (level, text) => void lines.push(`${level} ${text}`),
    charge: () => {},
    hold: () => true,
    memoryRemedy: () => '',
    release: () => {},
    checkPolicy: () => {},
    findFile: () => undefined,
  });
  assert.ok(!(resource instanceof Promise));
  return { resource, lines };
}

function written(url: string, ...texts: readonly string[]): string[] {
  const { resource, lines } = open(url);
  for (const text of texts) void resource.write(new TextEncoder().encode(text));
  return lines;
}

test('the prefix is percent-decoded, and + is a space', () => {
  assert.deepEqual(written('log://?prefix=a%3Ab+c&x=1', 'd'), ['6 a:b c: d']);
  assert.deepEqual(written('log://?x=1&prefix=%C3%A9', 'd'), ['6 é: d']);
  assert.deepEqual(written('log://host/path?prefix=a#b', 'd'), ['6 a: d']);
});

test('if a URL has two prefixes, the first is used', () => {
  assert.deepEqual(written('log://?prefix=a&prefix=b', 'd'), ['6 a: d']);
});

test('a line feed at the end of a write ends its line and does not begin another', () => {
  assert.deepEqual(written('log://', 'a\n', '\n', 'b\n\n'), ['6 a', '6 ', '6 b', '6 ']);
});

test('an invalid URL is InvalidArgument', () => {
  assert.throws(
    () => open('log://[?prefix=a'),
    (error) => {
      assert.ok(error instanceof CallError);
      assert.equal(error.error, 'InvalidArgument');
      return true;
    },
  );
});
