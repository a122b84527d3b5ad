import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VERSION } from '../version.ts';
import { CgiEnvironment, type EnvironmentOptions } from './environment.ts';

function env(url: string, init: RequestInit = {}, options: EnvironmentOptions = {}) {
  const environment = new CgiEnvironment(new Request(url, init), options);
  return Object.fromEntries(environment.names().map((name) => [name, environment.get(name)]));
}

const lengthOf = (init: RequestInit, options?: EnvironmentOptions) =>
  env('http://x/', init, options)['CONTENT_LENGTH'];

const hostOf = (url: string) => {
  const { SERVER_NAME, SERVER_PORT, HTTPS } = env(url);
  return [SERVER_NAME, SERVER_PORT, HTTPS];
};

const headersOf = (
  list: readonly (readonly [string, string])[],
  options: EnvironmentOptions = {},
) =>
  Object.fromEntries(
    Object.entries(env('http://x/', {}, { ...options, headers: list })).filter(([name]) =>
      name.startsWith('HTTP_'),
    ),
  );

describe('the meta-variables of RFC 3875 section 4.1', () => {
  it('of a simple GET are exactly these', () => {
    assert.deepEqual(env('http://example.com:8080/a%20b?q=%20&r'), {
      REQUEST_METHOD: 'GET',
      REQUEST_URI: '/a%20b?q=%20&r',
      SCRIPT_NAME: '',
      PATH_INFO: '/a b',
      QUERY_STRING: 'q=%20&r',
      SERVER_NAME: 'example.com',
      SERVER_PORT: '8080',
      SERVER_PROTOCOL: 'HTTP/1.1',
      SERVER_SOFTWARE: `Olin/${VERSION}`,
      GATEWAY_INTERFACE: 'CGI/1.1',
      REMOTE_ADDR: '127.0.0.1',
      REMOTE_HOST: '127.0.0.1',
      RUN_ID: 'local',
      WORKER_ID: 'local',
      HANDLER_ID: 'local',
      HTTP_HOST: 'example.com:8080',
    });
  });

  it('4.1.2: CONTENT_LENGTH is set only if there is a body of known length', () => {
    const post = { method: 'POST', body: 'abc' };
    assert.equal(lengthOf({ ...post, headers: { 'Content-Length': '3' } }), '3');
    assert.equal(lengthOf(post), undefined);
    assert.equal(lengthOf({ headers: { 'Content-Length': '0' } }), undefined);
    assert.equal(lengthOf({ ...post, headers: { 'Content-Length': '3x' } }), undefined);
    assert.equal(lengthOf(post, { contentLength: 3 }), '3');
    const chunked = [
      ['content-length', '3'],
      ['transfer-encoding', 'chunked'],
    ] as const;
    assert.equal(lengthOf(post, { headers: chunked }), undefined);
  });

  it('4.1.3: CONTENT_TYPE is set if the request has a Content-Type', () => {
    assert.equal(
      env('http://x/', { headers: { 'content-type': 'a/b; c=d' } })['CONTENT_TYPE'],
      'a/b; c=d',
    );
    assert.equal('CONTENT_TYPE' in env('http://x/'), false);
  });

  it('4.1.5 and 4.1.13: the script name is split from the path, and both are decoded', () => {
    const { SCRIPT_NAME, PATH_INFO } = env(
      'http://x/run/my%20fn/caf%C3%A9',
      {},
      { scriptName: '/run/my%20fn' },
    );
    assert.deepEqual([SCRIPT_NAME, PATH_INFO], ['/run/my fn', '/café']);
    assert.equal(env('http://x/run/a', {}, { scriptName: '/run/a' })['PATH_INFO'], '');
    assert.throws(() => env('http://x/run/ab', {}, { scriptName: '/run/a' }), TypeError);
    assert.throws(() => env('http://x/', {}, { scriptName: '/run' }), TypeError);
  });

  it('4.1.5: escapes that would split a segment or end the text, and invalid ones, stay as written', () => {
    const path = (text: string) => env(`http://x${text}`)['PATH_INFO'];
    assert.equal(path('/a%2Fb/%2f'), '/a%2Fb/%2f');
    assert.equal(path('/a%00b'), '/a%00b');
    assert.equal(path('/100%/%zz/%4'), '/100%/%zz/%4');
    assert.equal(path('/%FF%41/%41'), '/%FF%41/A');
    assert.equal(path('/%252F'), '/%2F');
    assert.equal(env('http://x/a%2Fb')['REQUEST_URI'], '/a%2Fb');
  });

  it('4.1.7: QUERY_STRING is always set and never decoded', () => {
    assert.equal(env('http://x/')['QUERY_STRING'], '');
    assert.equal(env('http://x/?')['QUERY_STRING'], '');
    assert.equal(env('http://x/?a=%2F+b&a=c?d')['QUERY_STRING'], 'a=%2F+b&a=c?d');
  });

  it('4.1.8 and 4.1.9: the caller’s address is the one given in the options', () => {
    const { REMOTE_ADDR, REMOTE_HOST } = env('http://x/', {}, { remoteAddress: '2001:db8::1' });
    assert.deepEqual([REMOTE_ADDR, REMOTE_HOST], ['2001:db8::1', '2001:db8::1']);
  });

  it('4.1.12: the method is case-sensitive', () => {
    assert.equal(env('http://x/', { method: 'pAtCh' })['REQUEST_METHOD'], 'pAtCh');
  });

  it('4.1.14 and 4.1.15: host and port, also if the port is the default or the host an IP address', () => {
    assert.deepEqual(hostOf('http://x/'), ['x', '80', undefined]);
    assert.deepEqual(hostOf('https://x/'), ['x', '443', 'on']);
    assert.deepEqual(hostOf('https://[::1]:8443/'), ['[::1]', '8443', 'on']);
  });

  it('has the identifiers of the run, the worker and the handler', () => {
    const { RUN_ID, WORKER_ID, HANDLER_ID } = env(
      'http://x/',
      {},
      { runId: 'r', workerId: 'w', handlerId: 'h' },
    );
    assert.deepEqual([RUN_ID, WORKER_ID, HANDLER_ID], ['r', 'w', 'h']);
  });
});

describe('the request headers, RFC 3875 section 4.1.18', () => {
  it('become HTTP_*, upper case, dashes as underscores', () => {
    assert.deepEqual(
      headersOf([
        ['X-Request-Id', '7'],
        ['host', 'y'],
      ]),
      { HTTP_X_REQUEST_ID: '7', HTTP_HOST: 'y' },
    );
  });

  it('of one name are joined', () => {
    const joined = headersOf([
      ['Accept', 'a'],
      ['cookie', 'a=1'],
      ['ACCEPT', 'b'],
      ['Cookie', 'b=2'],
    ]);
    assert.equal(joined['HTTP_ACCEPT'], 'a, b');
    assert.equal(joined['HTTP_COOKIE'], 'a=1; b=2');
  });

  it('never give HTTP_PROXY', () => {
    assert.equal('HTTP_PROXY' in headersOf([['Proxy', 'http://evil']]), false);
    assert.equal('HTTP_PROXY' in env('http://x/', { headers: { pRoXy: 'http://evil' } }), false);
  });

  it('with an underscore cannot impersonate one with a dash', () => {
    assert.equal('HTTP_X_USER' in headersOf([['X_User', 'evil']]), false);
    assert.equal(
      headersOf([
        ['X_User', 'evil'],
        ['X-User', 'good'],
      ])['HTTP_X_USER'],
      'good',
    );
  });

  it('with invalid names do not become variables', () => {
    assert.deepEqual(
      Object.keys(
        headersOf([
          ['a b', '1'],
          ['', '2'],
          ['a=b', '3'],
        ]),
      ),
      ['HTTP_HOST'],
    );
  });

  it('of the connection, and those that have their own variable, are omitted', () => {
    const given = headersOf([
      ['Connection', 'close, X-Hop'],
      ['X-Hop', '1'],
      ['Keep-Alive', '1'],
      ['TE', 'trailers'],
      ['Trailer', 'a'],
      ['Transfer-Encoding', 'chunked'],
      ['Upgrade', 'h2c'],
      ['Proxy-Authorization', 'Basic x'],
      ['Proxy-Connection', 'close'],
      ['Content-Type', 'a/b'],
      ['Content-Length', '1'],
    ]);
    assert.deepEqual(Object.keys(given), ['HTTP_HOST']);
  });

  it('9.7: include Authorization only if the option is set', () => {
    const secret = [['Authorization', 'Bearer t']] as const;
    assert.equal(headersOf(secret)['HTTP_AUTHORIZATION'], undefined);
    assert.equal(headersOf(secret, { passAuthorization: true })['HTTP_AUTHORIZATION'], 'Bearer t');
  });

  it('reach the guest with their original bytes', () => {
    assert.equal(headersOf([['X-Name', 'caf\xc3\xa9']])['HTTP_X_NAME'], 'café');
    assert.equal(headersOf([['X-Name', 'caf\xe9']])['HTTP_X_NAME'], 'caf\xe9');
  });
});
