import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embedData, type ExampleData } from './data.ts';
import { buildShell } from './shell.ts';

const DATA: ExampleData = {
  name: 'hard',
  title: 'Hard',
  summary: 'Text that tries to break out of the HTML.',
  language: 'wat',
  group: 'HTTP',
  order: 1,
  teaches: [],
  sourceFile: 'main.wat',
  source: '</script><script>alert(1)</script>',
  module: '/examples/hard/module.wasm',
  moduleBytes: 8,
  cases: [],
  input: {
    request: {
      method: 'PURGE',
      path: '/"><img src=x>?a=<b>',
      headers: { 'X-A': '</textarea><b>' },
      body: '</textarea><script>1</script>',
    },
    policy: 'gas-limit 5',
  },
};

test('no text of an example escapes into the page’s HTML', () => {
  const { head, body } = buildShell(DATA, 'tp-hard');
  assert.doesNotMatch(head + body, /<img|<script|<b>/);
  assert.equal(body.match(/<textarea/g)?.length, body.match(/<\/textarea>/g)?.length);
  const embedded = embedData(DATA);
  assert.doesNotMatch(embedded, /</);
  assert.deepEqual(JSON.parse(embedded), DATA);
});

test('the input panels are open if they are filled, and an unusual method is offered', () => {
  const { body } = buildShell(DATA, 'tp-hard');
  assert.match(body, /<details class="tp-inputs" data-inputs open>/);
  assert.match(body, /<option selected>PURGE<\/option>/);
  const plain = buildShell({ ...DATA, input: {} }, 'tp-plain');
  assert.doesNotMatch(plain.body, /data-inputs open/);
});

test('every tab names an existing panel, and every id is unique', () => {
  const { body } = buildShell(DATA, 'tp-hard');
  const ids = [...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const [, id = ''] of body.matchAll(/aria-controls="([^"]+)"/g)) {
    assert.ok(ids.includes(id), id);
  }
});
