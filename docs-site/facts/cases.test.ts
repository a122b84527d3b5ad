import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeExpectations, describeInput } from './cases.ts';

test('a reader sees what a handler is asked, headers and body included', () => {
  const facts = describeInput({
    request: { method: 'POST', path: '/a', headers: { accept: 'text/plain' }, body: 'x\ny' },
  });
  assert.deepEqual(facts, [
    { label: '', value: 'POST /a' },
    { label: 'header', value: 'accept: text/plain' },
    { label: 'body', value: String.raw`x\ny` },
  ]);
});

test('a case without input says so, and an empty output is told as nothing', () => {
  assert.deepEqual(describeInput({}), [{ label: '', value: 'nothing' }]);
  assert.deepEqual(describeExpectations({ exit: 0, output: '' }), [
    { label: 'exit', value: '0' },
    { label: 'output', value: 'nothing' },
  ]);
});

test('a long text is cut to one line of the table', () => {
  const [fact] = describeInput({ stdin: 'a'.repeat(500) });
  assert.equal(fact?.value.length, 72);
  assert.match(fact?.value ?? '', /…$/);
});
