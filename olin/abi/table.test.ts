import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRORS } from '../errors.ts';
import { SCHEMES } from '../schemes/index.ts';
import { isRange, wireParams, wireResults } from './declare.ts';
import { FUNCTIONS, IMPORT_MODULES, NAMESPACES } from './index.ts';

test('"Every namespace should contain only lower-case ASCII characters in its name"', () => {
  for (const { name } of NAMESPACES) assert.match(name, /^[a-z]+$/);
});

test('"Every function should contain only lower-case ASCII characters, digits(0-9), and `_` in its name"', () => {
  for (const { functions } of NAMESPACES) {
    for (const { name } of functions) assert.match(name, /^[a-z_][a-z0-9_]*$/);
  }
});

test('function names are unique', () => {
  const all = NAMESPACES.flatMap(({ functions }) => functions);
  assert.equal(FUNCTIONS.size, all.length);
});

test('the error codes are those of the specification', () => {
  assert.deepEqual(
    Object.entries(ERRORS).map(([name, { code }]) => [name, code]),
    [
      ['UnknownError', -1],
      ['InvalidArgument', -2],
      ['PermissionDenied', -3],
      ['NotFound', -4],
      ['EndOfFile', -5],
    ],
  );
});

test('functions are imported from the two modules of the specification', () => {
  assert.deepEqual(IMPORT_MODULES, ['cwa', 'env']);
});

test('a range of memory is a pointer and a length on the wire, in this order', () => {
  const fn = FUNCTIONS.get('env_get');
  assert.ok(fn);
  assert.deepEqual(
    wireParams(fn).map(({ name, type }) => `${name}: ${type}`),
    ['key_base: i32', 'key_len: i32', 'value_base: i32', 'value_len: i32'],
  );
  assert.deepEqual(wireResults(fn), ['i32']);
});

test('a function that cannot fail lists no errors, and one that can has a result', () => {
  for (const [name, fn] of FUNCTIONS) {
    if (fn.result === undefined) assert.deepEqual(fn.errors, [], name);
    if (fn.result?.type.endsWith('64') === true) assert.deepEqual(fn.errors, [], name);
  }
});

test('a function with a result that takes a range or a descriptor lists InvalidArgument', () => {
  for (const [name, fn] of FUNCTIONS) {
    const mayBeInvalid = fn.params.some(({ name, type }) => isRange(type) || name === 'fd');
    if (mayBeInvalid && fn.result !== undefined) {
      assert.ok(fn.errors.includes('InvalidArgument'), name);
    }
  }
});

test('every entry of the reference has a complete sentence', () => {
  const sentences = [
    ...NAMESPACES.map(({ name, doc }) => [name, doc] as const),
    ...Array.from(FUNCTIONS, ([name, { doc }]) => [name, doc] as const),
    ...Array.from(FUNCTIONS, ([name, { details }]) => [name, details ?? 'None.'] as const),
    ...Object.entries(ERRORS).map(([name, { doc }]) => [name, doc] as const),
    ...SCHEMES.flatMap(({ name, doc, reads, writes }) =>
      [doc, reads, writes].map((text) => [name, text] as const),
    ),
  ];
  for (const [name, text] of sentences) assert.match(text, /^[A-Z].*\.$/s, name);
  for (const [name, { params }] of FUNCTIONS) {
    for (const param of params) assert.match(param.doc, /[^.]$/, `${name}, ${param.name}`);
  }
});
