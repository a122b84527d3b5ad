import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLine } from './run-line.ts';

test('a program is run with its arguments and environment, quoted for a shell', () => {
  assert.equal(
    runLine({ name: 'args', input: { args: ['one', 'two words'], env: { NAME: "O'Hara" } } }),
    String.raw`npm run olin -- --env 'NAME=O'\''Hara' examples/args/module.wasm one 'two words'`,
  );
});

test('a handler is asked by CGI, and the body comes in by a pipe', () => {
  assert.equal(
    runLine({ name: 'echo', input: { request: { method: 'POST', path: '/', body: 'hi' } } }),
    "printf %s hi | npm run olin -- --cgi 'POST /' examples/echo/module.wasm",
  );
});
