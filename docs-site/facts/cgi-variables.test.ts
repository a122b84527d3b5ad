import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CgiEnvironment } from '../../olin/cgi/environment.ts';
import { VARIABLES } from './cgi-variables.ts';

test('the CGI page lists exactly the variables that the runtime sets', () => {
  const request = new Request('https://example.com/run/a/b?c=d', {
    method: 'POST',
    headers: { 'content-type': 'text/plain', 'content-length': '1', accept: 'text/html' },
    body: 'x',
  });
  const set = new CgiEnvironment(request, { scriptName: '/run/a', contentLength: 1 }).names();
  const own = set.map((name) => (name.startsWith('HTTP_') ? 'HTTP_*' : name));
  assert.deepEqual([...new Set(own)].sort(), VARIABLES.map(({ name }) => name).sort());
});
