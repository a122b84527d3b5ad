import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { curlLine } from './curl.ts';

const CALL = {
  method: 'GET',
  url: 'http://127.0.0.1:4001/run/hello/',
  headers: [],
  body: '',
  needsToken: false,
} as const;

/** Returns the arguments that a shell passes to curl. */
function wordsOf(line: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${line}`;
  const out = execFileSync('bash', ['-c', script], { env: { TRISIEL_TOKEN: 'ey.J' } }).toString();
  return out.split('\0').slice(0, -1);
}

test('a simple call gives a short command', () => {
  assert.equal(curlLine(CALL), 'curl http://127.0.0.1:4001/run/hello/');
});

test('a shell passes the exact bytes that were typed to curl, including quotes and commands', () => {
  const body = `it's $(id) \`id\` "x" \\n !\n@file\t\u0001\u009b ü 🐑`;
  const url = `${CALL.url}?q='$(id)'&b=1`;
  const line = curlLine({ ...CALL, url, method: 'PUT', headers: [['X-A', "v'1"]], body });
  assert.deepEqual(wordsOf(line), [
    ...['-X', 'PUT', url, '-H', "X-A: v'1", '-H', 'Content-Type: text/plain;charset=UTF-8'],
    ...['--data-raw', body],
  ]);
});

test('a body needs no -X POST, and keeps its content type', () => {
  const headers = [['content-type', 'application/json']] as const;
  assert.deepEqual(wordsOf(curlLine({ ...CALL, method: 'POST', headers, body: '{}' })), [
    ...[CALL.url, '-H', 'content-type: application/json', '--data-raw', '{}'],
  ]);
  assert.match(curlLine({ ...CALL, body: '{}' }), /-X GET/);
});

test('HEAD uses --head, and an empty header is sent', () => {
  const line = curlLine({ ...CALL, method: 'HEAD', headers: [['X-Empty', '']] });
  assert.deepEqual(wordsOf(line), ['--head', CALL.url, '-H', 'X-Empty;']);
});

test('a private call takes its token from the environment', () => {
  const line = curlLine({ ...CALL, needsToken: true });
  assert.deepEqual(wordsOf(line), [CALL.url, '-H', 'Authorization: Bearer ey.J']);
  assert.ok(!line.includes('ey.J'));
});
