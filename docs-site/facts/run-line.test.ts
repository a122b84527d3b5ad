import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLine } from './run-line.ts';

test('a program is run with its arguments and environment, quoted for a shell', () => {
  assert.equal(
    runLine({ name: 'args', input: { args: ['one', 'two words'], env: { NAME: "O'Hara" } } }),
    String.raw`npm run olin -- --env 'NAME=O'\''Hara' examples/args/module.wasm one 'two words'`,
  );
});

test('an argument that looks like an option is passed to the guest, and standard input is piped', () => {
  assert.equal(
    runLine({ name: 'args', input: { args: ['-n'], stdin: 'a b' } }),
    "printf %s 'a b' | npm run olin -- examples/args/module.wasm -- -n",
  );
});

test('a handler is called with --cgi, its headers and its body', () => {
  const request = { method: 'POST', path: '/', headers: { Accept: 'text/plain' }, body: 'hi' };
  assert.equal(
    runLine({ name: 'echo', input: { request } }),
    "npm run olin -- --cgi 'POST /' --header 'Accept: text/plain' --body hi examples/echo/module.wasm",
  );
});

test('an example that fetches a URL fetches it from the local site', () => {
  assert.equal(
    runLine({ name: 'get', input: { env: { URL: '{origin}/x' } } }),
    'npm run olin -- --env URL=http://localhost:4000/x examples/get/module.wasm',
  );
});
