import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildRequest } from './job-request.ts';

const JOB = {
  url: 'http://127.0.0.1:4001/run/echo/a?b=c',
  method: 'post',
  scriptName: '/run/echo',
  headers: [
    ['Cookie', 'a=b'],
    ['X-A', '1'],
  ],
  body: 'ü',
} as const;

test('a guest sees the headers a server would receive, including those a page may not set', async () => {
  const request = buildRequest(JOB);
  assert.equal(request.method, 'POST');
  assert.deepEqual(Object.fromEntries(request.headers), {
    'content-length': '2',
    'content-type': 'text/plain;charset=UTF-8',
    cookie: 'a=b',
    host: '127.0.0.1:4001',
    'x-a': '1',
  });
  assert.equal(await new Response(request.body).text(), 'ü');
});

test('a GET keeps its body, and a request without a body has no content headers', async () => {
  const odd = buildRequest({ ...JOB, method: 'GET' });
  assert.equal(await new Response(odd.body).text(), 'ü');
  const bare = buildRequest({ ...JOB, headers: [], body: '' });
  assert.deepEqual(Object.fromEntries(bare.headers), { host: '127.0.0.1:4001' });
  assert.equal(bare.body, null);
});
