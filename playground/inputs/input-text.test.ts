import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  readArguments,
  readEnvironment,
  readHeaders,
  readPath,
  replaceQuery,
  writeEnvironment,
  writeHeaders,
  writeQuery,
} from './input-text.ts';

test('headers are read line by line; empty lines are skipped and repeated names joined', () => {
  assert.deepEqual(readHeaders('Accept: text/html\n\nX-A:1\nx-a: 2\nX-Empty:'), {
    ok: true,
    value: { Accept: 'text/html', 'X-A': '1, 2', 'X-Empty': '' },
  });
});

test('an invalid header is reported with its line', () => {
  for (const [text, line, words] of [
    ['A: 1\nnonsense', 2, 'no colon'],
    ['bad name: 1', 1, 'not a header name'],
    ['A: 日本', 1, 'cannot carry'],
  ] as const) {
    const read = readHeaders(text);
    assert.ok(!read.ok);
    assert.equal(read.error.line, line);
    assert.ok(read.error.message.includes(words), read.error.message);
  }
});

test('the environment keeps equals signs and spaces in values', () => {
  assert.deepEqual(readEnvironment('A=b=c\nB= x '), { ok: true, value: { A: 'b=c', B: ' x ' } });
  assert.equal(readEnvironment('A').ok, false);
  assert.equal(readEnvironment('=a').ok, false);
});

test('each line is one argument, and an empty line an empty argument', () => {
  assert.deepEqual(readArguments(''), []);
  assert.deepEqual(readArguments('a\n'), ['a']);
  assert.deepEqual(readArguments('a\n\ntwo words'), ['a', '', 'two words']);
});

test('a path must begin with a slash and have no fragment', () => {
  assert.deepEqual(readPath(' /a?b=c '), { ok: true, value: '/a?b=c' });
  assert.equal(readPath('a').ok, false);
  assert.equal(readPath('/a#b').ok, false);
});

test('the query is converted to lines and back', () => {
  const path = '/a?name=Ada%20L&x=%26&flag=';
  assert.equal(writeQuery(path), 'name=Ada L\nx=&\nflag=');
  assert.equal(replaceQuery(path, writeQuery(path)), '/a?name=Ada+L&x=%26&flag=');
  assert.equal(replaceQuery('/a?b=c', ''), '/a');
  assert.equal(replaceQuery('/a', 'flag'), '/a?flag=');
  assert.equal(writeQuery('/a'), '');
});

test('headers and variables that are written can be read back', () => {
  const record = { 'X-A': 'b c', 'X-B': '' };
  assert.deepEqual(readHeaders(writeHeaders(record)), { ok: true, value: record });
  assert.deepEqual(readEnvironment(writeEnvironment(record)), { ok: true, value: record });
});
