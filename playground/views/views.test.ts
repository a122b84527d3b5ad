import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyKind } from './body-kind.ts';
import { gatherRows } from './gas.ts';
import { dumpBytes } from './hexdump.ts';
import { formatJson } from './json.ts';

test('JSON is formatted as by JSON.stringify', () => {
  const values = [
    { a: [1, { b: null }, []], c: {}, 'd"\\': 'x: {y}, [z]' },
    [],
    'text',
    0,
    [[[1]]],
  ];
  for (const value of values) {
    assert.equal(formatJson(JSON.stringify(value)), JSON.stringify(value, null, 2));
    assert.equal(formatJson(JSON.stringify(value, null, 7)), JSON.stringify(value, null, 2));
  }
});

test('formatting JSON keeps what a parser would change: long numbers, repeated names', () => {
  assert.equal(
    formatJson('{"n":12345678901234567890,"n":1.0}'),
    '{\n  "n": 12345678901234567890,\n  "n": 1.0\n}',
  );
});

test('text that is not JSON is not formatted', () => {
  for (const text of ['', '{', "{'a': 1}", 'hello']) assert.equal(formatJson(text), undefined);
});

test('bytes are dumped sixteen per line, with their printable characters', () => {
  const bytes = Uint8Array.from({ length: 18 }, (_each, at) => at + 0x39);
  assert.equal(
    dumpBytes(bytes, 100),
    [
      '00000000  39 3a 3b 3c 3d 3e 3f 40  41 42 43 44 45 46 47 48  9:;<=>?@ABCDEFGH',
      `00000010  49 4a${' '.repeat(18)}  ${' '.repeat(23)}  IJ`,
    ].join('\n'),
  );
  assert.equal(dumpBytes(bytes, 1).split('\n').length, 1);
  assert.equal(dumpBytes(new Uint8Array(), 100), '');
});

test('a body is displayed according to its type', () => {
  const kinds = {
    'application/json; charset=utf-8': 'json',
    'application/problem+json': 'json',
    'TEXT/HTML': 'html',
    'image/svg+xml': 'image',
    'text/event-stream': 'text',
    'application/xml': 'text',
    'application/octet-stream': 'bytes',
    'application/wasm': 'bytes',
  };
  for (const [type, kind] of Object.entries(kinds)) assert.equal(bodyKind(type), kind, type);
  assert.equal(bodyKind(undefined), 'text');
});

test('gas by function lists the largest functions, and one row for the others completes the sum', () => {
  const functions = Array.from({ length: 5 }, (_each, index) => ({
    name: `f${index}`,
    index,
    gas: 10 - index,
  }));
  assert.deepEqual(gatherRows(functions, 2), [
    { name: 'f0', gas: 10 },
    { name: 'f1', gas: 9 },
    { name: '3 others', gas: 8 + 7 + 6, others: 3 },
  ]);
  // A row for one other function would hide its name without saving space.
  assert.deepEqual(
    gatherRows(functions, 4).map(({ name }) => name),
    ['f0', 'f1', 'f2', 'f3', 'f4'],
  );
});
