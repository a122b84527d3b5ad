import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeExpectations, describeInput } from './cases.ts';

test('the request of a case is shown with its headers and body', () => {
  const facts = describeInput({
    request: { method: 'POST', path: '/a', headers: { accept: 'text/plain' }, body: 'x\ny' },
  });
  assert.deepEqual(facts, [
    { label: '', value: 'POST /a' },
    { label: 'header', value: 'accept: text/plain' },
    { label: 'body', value: String.raw`x\ny` },
  ]);
});

test('a case without input or with empty output shows "nothing"', () => {
  assert.deepEqual(describeInput({}), [{ label: '', value: 'nothing' }]);
  assert.deepEqual(describeExpectations({ exit: 0, output: '' }), [
    { label: 'exit', value: '0' },
    { label: 'output', value: 'nothing' },
  ]);
});

test('a long text is cut to one line', () => {
  const [fact] = describeInput({ stdin: 'a'.repeat(500) });
  assert.equal(fact?.value.length, 72);
  assert.match(fact?.value ?? '', /…$/);
});
