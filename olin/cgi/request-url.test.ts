import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRequestUrl } from './request-url.ts';

const ORIGINS = [
  'http://127.0.0.1:4001',
  'http://a.example',
  'https://a.example:443',
  'HTTP://A.example:0080',
  'http://[::1]:80',
  'http://127.1',
  'http://a.example?x',
  'http://a.example#x',
  'http://a.example\\evil',
  'http://user:pass@a.example',
  'ftp://a.example',
];
/** Text that the URL class may treat specially. */
const PIECES = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ...['/', '/', '/', '.', '..', '%2e', '%2E', '%', '%41', '%zz', 'a', 'b', 'é', '😀', '\ud800'],
  ...['//', '/./', '/../', '?', '#', '\\'],
];

function whole(text: string) {
  const { protocol, hostname, port, host, pathname, search } = new URL(text);
  const otherwise = protocol === 'https:' ? '443' : protocol === 'http:' ? '80' : '';
  const origin = {
    isSecure: protocol === 'https:',
    hostname,
    port: port === '' ? otherwise : port,
    host,
  };
  return { origin, pathname, search };
}

test('a URL is parsed as by the URL class, whether its origin is cached or not', () => {
  let seed = 1;
  const pick = (count: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (seed >>> 8) % count;
  };
  for (let i = 0; i < 20_000; i++) {
    const rest = Array.from({ length: pick(6) }, () => PIECES[pick(PIECES.length)]).join('');
    const text = `${ORIGINS[pick(ORIGINS.length)]}/${rest}`;
    if (!URL.canParse(text)) {
      assert.throws(() => parseRequestUrl(text), TypeError, text);
      continue;
    }
    assert.deepEqual(parseRequestUrl(text), whole(text), text);
    assert.deepEqual(parseRequestUrl(text), whole(text), text);
  }
});
