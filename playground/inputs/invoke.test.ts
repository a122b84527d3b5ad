import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { curlLine, fetchSnippet, httpieLine, quoteScript, quoteShell } from './invoke.ts';
import type { InvokeRequest } from './invoke.ts';

const URL_HELLO = 'http://127.0.0.1:4001/run/hello/';

/** Runs the line in a POSIX shell and returns the words and the standard input that the command receives. */
function shellWords(line: string, command: string): { words: string[]; stdin: string } {
  const script = `${command}() { for w in "$@"; do printf '%s\\0' "$w"; done; printf '\\1'; [ -p /dev/stdin ] && cat; :; }\n${line}`;
  const out = execFileSync('sh', ['-c', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  });
  const [words = '', stdin = ''] = out.split('\u0001');
  return { words: words.split('\0').slice(0, -1), stdin };
}

const HARD = [
  'plain',
  "it's 'quoted'",
  'two\nlines\n',
  '@/etc/passwd',
  '-dash',
  'naïve 日本 🦀',
  '$HOME `id` \\ ! * ~ # & ; | < > ( ) "x"',
  '{"name": "Ada", "note": "100% \\n"}',
];

test('a shell passes every body to curl as it was typed', () => {
  for (const body of HARD) {
    const { words } = shellWords(curlLine(URL_HELLO, { method: 'POST', body }), 'curl');
    assert.deepEqual(words.slice(-2), ['--data-raw', body]);
  }
});

test('a shell passes every body to HTTPie as it was typed', () => {
  for (const body of HARD) {
    const { words } = shellWords(httpieLine(URL_HELLO, { method: 'POST', body }), 'http');
    assert.equal(words.at(-1), `--raw=${body}`);
  }
});

test('a body with control characters is piped in, byte for byte', () => {
  const body = "tab\t cr\r\n nul-free \u001b[31m 50% back\\slash 'q'";
  for (const [line, command] of [
    [curlLine(URL_HELLO, { method: 'POST', body }), 'curl'],
    [httpieLine(URL_HELLO, { method: 'POST', body }), 'http'],
  ] as const) {
    for (const control of '\t\r\u001b') assert.ok(!line.includes(control));
    assert.equal(shellWords(line, command).stdin, body);
  }
});

test('a plain GET is curl and the URL, nothing else', () => {
  assert.equal(curlLine(URL_HELLO, { method: 'get' }), `curl ${URL_HELLO}`);
  assert.equal(curlLine(`${URL_HELLO}?a=1&b=2`, { method: 'GET' }), `curl '${URL_HELLO}?a=1&b=2'`);
});

test('curl sends the method of the request, with or without a body', () => {
  assert.equal(curlLine(URL_HELLO, { method: 'HEAD' }), `curl --head ${URL_HELLO}`);
  assert.equal(curlLine(URL_HELLO, { method: 'POST', body: '' }), `curl -X POST ${URL_HELLO}`);
  assert.match(curlLine(URL_HELLO, { method: 'GET', body: 'x' }), /-X GET/);
  assert.match(curlLine(URL_HELLO, { method: 'delete' }), /^curl -X DELETE http/);
  assert.doesNotMatch(curlLine(URL_HELLO, { method: 'POST', body: 'x' }), /-X/);
});

test('curl does not expand braces and brackets in a URL', () => {
  assert.equal(
    curlLine(`${URL_HELLO}?f={a,b}[1-3]`, { method: 'GET' }),
    `curl -g '${URL_HELLO}?f={a,b}[1-3]'`,
  );
});

test('an empty header is sent, not omitted', () => {
  const request = { method: 'GET', headers: { 'X-Empty': '' } };
  assert.match(curlLine(URL_HELLO, request), /-H 'X-Empty;'/);
  assert.match(httpieLine(URL_HELLO, request), /'X-Empty;'/);
});

test('an HTTPie header that begins with @ or = is neither a file nor JSON', () => {
  const line = httpieLine(URL_HELLO, { method: 'GET', headers: { 'X-A': '@me', 'X-B': '=1' } });
  const { words } = shellWords(line, 'http');
  assert.deepEqual(words.slice(2), [String.raw`X-A:\@me`, String.raw`X-B:\=1`]);
});

test('a body without a content type is sent with the default of fetch; a specified type is kept', () => {
  assert.match(curlLine(URL_HELLO, { method: 'PUT', body: 'x' }), /Content-Type: text\/plain/);
  const typed = { method: 'PUT', headers: { 'content-type': 'a/b' }, body: 'x' };
  assert.doesNotMatch(curlLine(URL_HELLO, typed), /text\/plain/);
  assert.doesNotMatch(fetchSnippet(URL_HELLO, { method: 'PUT', body: 'x' }), /text\/plain/);
});

test('a long line is broken so that a shell joins it again', () => {
  const request = { method: 'POST', headers: { 'X-Long': 'y'.repeat(90) }, body: 'b' };
  const line = curlLine(URL_HELLO, request);
  assert.ok(line.includes(' \\\n  -H '));
  assert.equal(shellWords(line, 'curl').words.at(-1), 'b');
});

test('quoteShell leaves plain words alone, quoteScript survives evaluation', () => {
  assert.equal(quoteShell('a-b_c.d/e'), 'a-b_c.d/e');
  assert.equal(quoteShell(''), "''");
  for (const text of [...HARD, '\u2028', '\0', '"', "\\'"]) {
    assert.equal(evaluate(`return ${quoteScript(text)}`)(), text);
  }
});

/** Compiles a snippet to run it. */
function evaluate(body: string, ...names: string[]): (...args: unknown[]) => unknown {
  // oxlint-disable-next-line no-implied-eval, no-new-func -- the literal under test is ours
  return new Function(...names, body) as (...args: unknown[]) => unknown;
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url, headers } = request;
    const body = Buffer.concat(chunks).toString();
    response.end(
      JSON.stringify({ method, url, type: headers['content-type'], x: headers['x-who'], body }),
    );
  });
});
let origin = '';
before(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address !== null && typeof address === 'object') origin = `http://127.0.0.1:${address.port}`;
});
after(() => server.close());

const hasCurl = (() => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test('curl and fetch send the same request', { skip: !hasCurl && 'no curl here' }, async () => {
  const requests: InvokeRequest[] = [
    ...HARD.map((body) => ({ method: 'POST', headers: { 'X-Who': "Ada's; $x" }, body })),
    { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"a":\t1}\r\n' },
    { method: 'DELETE', headers: { 'x-who': '' } },
  ];
  for (const request of requests) {
    const url = `${origin}/run/echo/a'b?q={1}&r=[2]`;
    const line = curlLine(url, request).replace(/(^|\| )curl /, '$1curl -sS --noproxy "*" ');
    const { stdout } = await promisify(execFile)('sh', ['-c', line]);
    const snippet = fetchSnippet(url, request).replace(/console\.log.*/, 'return response.text();');
    const fetched = await evaluate(`return (async () => {${snippet}})()`)();
    const seen = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(seen, JSON.parse(String(fetched)));
    assert.equal(seen['body'], request.body ?? '');
  }
});
