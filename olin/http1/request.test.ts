import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageError } from './fields.ts';
import { REQUEST_BOUNDS, RequestReader, type RequestMessage } from './request.ts';

const encode = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const decode = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

/** Reads `pieces` as one request: the message, 'incomplete', or the error's text. */
function read(...pieces: readonly string[]): RequestMessage | string {
  const reader = new RequestReader();
  try {
    for (const piece of pieces) reader.push(encode(piece));
  } catch (error) {
    assert.ok(error instanceof MessageError, `not a MessageError: ${String(error)}`);
    return error.message;
  }
  return reader.message ?? 'incomplete';
}

function message(...pieces: readonly string[]): RequestMessage {
  const result = read(...pieces);
  if (typeof result === 'string') assert.fail(result);
  return result;
}

/** Returns what a reader of `text` describes as missing. */
function missing(text: string): string {
  const reader = new RequestReader();
  reader.push(encode(text));
  assert.equal(reader.message, undefined);
  return reader.describeMissing();
}

/** Returns the error for `pieces`. */
function refusal(...pieces: readonly string[]): string {
  const result = read(...pieces);
  return typeof result === 'string' ? result : assert.fail('accepted');
}

describe('an HTTP/1.1 request', () => {
  it('returns method, target, fields and body', () => {
    const { method, target, fields, body } = message(
      'POST /a?b HTTP/1.1\r\nHost: x\r\nX-Two:  a b \t\r\ncontent-length: 3\r\n\r\nabc',
    );
    assert.deepEqual([method, target, decode(body)], ['POST', '/a?b', 'abc']);
    assert.deepEqual(fields, [
      { name: 'Host', value: 'x' },
      { name: 'X-Two', value: 'a b' },
      { name: 'content-length', value: '3' },
    ]);
  });

  it('is complete at the empty line if it announces no body', () => {
    assert.equal(message('GET / HTTP/1.1\r\n\r\n').body.length, 0);
    assert.equal(read('GET / HTTP/1.1\r\n'), 'incomplete');
  });

  it('accepts lines that end in LF, and empty lines around the request, which older guests write', () => {
    assert.equal(message('\r\n\nGET / HTTP/1.1\r\nHost: x\nUser-Agent: y\n\n\n').fields.length, 2);
  });

  it('decodes a chunked body, with extensions and trailers', () => {
    const { body } = message(
      'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
      '5\r\nhello\r\n',
      'A ;name="v"\r\n, chunked!\r\n0\r\nX-Trailer: yes\r\n\r\n',
    );
    assert.equal(decode(body), 'hello, chunked!');
  });

  it('accepts a large number of small chunks', () => {
    const head = 'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
    const { body } = message(`${head}${'1\r\nx\r\n'.repeat(30_000)}0\r\n\r\n`);
    assert.equal(body.length, 30_000);
  });

  it('describes what an incomplete request lacks', () => {
    assert.match(missing(''), /No request was written/);
    assert.match(missing('GET / HTTP/1.1\r\nHost: x\r\n'), /head.*empty line/);
    assert.match(missing('PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc'), /3 of the 9 bytes/);
    assert.match(
      missing('PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'),
      /chunked body.*not complete/,
    );
  });
});

describe('a request that two parsers could read differently is rejected', () => {
  const head = 'POST / HTTP/1.1\r\n';
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;
  const cases: readonly [what: string, text: string, says: RegExp][] = [
    [
      'length and chunks together',
      `${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      /both/,
    ],
    [
      'a length given twice',
      `${head}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`,
      /more than once/,
    ],
    ['a list of lengths', `${head}Content-Length: 1, 1\r\n\r\n`, /Content-Length is "1, 1"/],
    ['a signed length', `${head}Content-Length: +1\r\n\r\n`, /Content-Length is "\+1"/],
    ['a hexadecimal length', `${head}Content-Length: 0x1\r\n\r\n`, /Content-Length/],
    ['an empty length', `${head}Content-Length:\r\n\r\n`, /Content-Length is ""/],
    ['another coding', `${head}Transfer-Encoding: gzip, chunked\r\n\r\n`, /Only "chunked"/],
    [
      'a coding twice',
      `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
      /Only/,
    ],
    ['chunks in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n', /HTTP\/1\.0/],
    ['a folded line', `${head}X-A: 1\r\n  2\r\n\r\n`, /begins with a space/],
    ['a space before the colon', `${head}Content-Length : 1\r\n\r\n`, /space before its colon/],
    ['a bare CR', `${head}X-A: 1\rX-B: 2\r\n\r\n`, /carriage return/],
    ['two CR', `${head}X-A: 1\r\r\n\r\n`, /carriage return/],
    ['NUL in a value', `${head}X-A: a\0b\r\n\r\n`, /control character/],
    ['a name that is not a token', `${head}X A: 1\r\n\r\n`, /not a header name/],
    ['no name', `${head}: 1\r\n\r\n`, /not a header name/],
    ['no colon', `${head}hello\r\n\r\n`, /no colon/],
    ['a signed chunk size', `${chunked}+5\r\nhello\r\n`, /valid chunk size/],
    ['a chunk size with a prefix', `${chunked}0x5\r\nhello\r\n`, /valid chunk size/],
    ['a chunk size with a space', `${chunked}5 \r\nhello\r\n`, /valid chunk size/],
    ['a huge chunk size', `${chunked}fffffffffffffffff\r\n`, /valid chunk size/],
    ['an empty chunk size', `${chunked}\r\n`, /valid chunk size/],
    ['a chunk longer than its size', `${chunked}3\r\nhello\r\n`, /followed by "lo"/],
    ['a trailer that is not a field', `${chunked}0\r\nhello\r\n\r\n`, /no colon/],
    ['a body that no field announces', `${head}\r\nhello`, /"hello" follows the end/],
    ['more than the length', `${head}Content-Length: 1\r\n\r\nab`, /"b" follows the end/],
    ['two requests', 'GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n', /follows the end/],
    ['another version', 'GET / HTTP/2\r\n\r\n', /Begin with a method/],
    ['no version', 'GET /\r\n\r\n', /Begin with a method/],
    ['two spaces', 'GET  / HTTP/1.1\r\n\r\n', /Begin with a method/],
    ['a tab for a space', 'GET\t/ HTTP/1.1\r\n\r\n', /Begin with a method/],
    ['a path that is not ASCII', 'GET /\xc3\xa9 HTTP/1.1\r\n\r\n', /"\/é".*Percent-encode/],
    ['plain text', 'Hello, world!\n', /begins with "Hello, world!"/],
    ['a head without end', `GET / HTTP/1.1\r\nX: ${'a'.repeat(70_000)}`, /too long/],
    ['very many headers', `${head}${'A: b\r\n'.repeat(300)}\r\n`, /more than 256 headers/],
    ['a body too large by length', `${head}Content-Length: 99999999\r\n\r\n`, /more than 16777216/],
    [
      'a body too large by chunks',
      `${chunked}ffffff\r\n${'a'.repeat(0xffffff)}\r\n2\r\n`,
      /more than 16777216/,
    ],
  ];
  for (const [what, text, says] of cases) {
    it(what, () => {
      assert.match(refusal(text), says);
    });
  }
});

/** A random number generator that returns the same numbers on each run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const FRAGMENTS = [
  'GET / HTTP/1.1',
  'POST /x?y HTTP/1.1',
  'POST / HTTP/1.0',
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  ':',
  ' ',
  '\t',
  '\0',
  'Host: a',
  'Content-Length: 3',
  'Content-Length: 0',
  'Transfer-Encoding: chunked',
  'X-A: \xff',
  'abc',
  '3',
  '0',
  ';x=y',
  '3\r\nabc\r\n',
  '0\r\n\r\n',
  'a'.repeat(300),
] as const;

/** Valid requests, into which the fragments are inserted. */
const BASES = [
  '',
  'POST / HTTP/1.1\r\n',
  'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc',
  'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
] as const;

describe('any bytes', () => {
  it('give the same message or MessageError however they are split', () => {
    const random = seeded(20_260_101);
    const seen = { message: 0, incomplete: 0, error: 0 };
    for (let round = 0; round < 4000; round++) {
      let text = BASES[random(BASES.length)] ?? '';
      for (let count = random(4); count > 0; count--) {
        const at = random(text.length + 1);
        text = text.slice(0, at) + (FRAGMENTS[random(FRAGMENTS.length)] ?? '') + text.slice(at);
      }
      const whole = read(text);
      const pieces: string[] = [];
      for (let at = 0; at < text.length;) {
        const next = at + 1 + random(random(2) === 0 ? 3 : 40);
        pieces.push(text.slice(at, next));
        at = next;
      }
      assert.deepEqual(stable(read(...pieces)), stable(whole), JSON.stringify(text));
      seen[typeof whole !== 'string' ? 'message' : whole === 'incomplete' ? whole : 'error'] += 1;
    }
    // Each kind of result must occur, otherwise the test shows nothing.
    assert.ok(
      seen.message > 100 && seen.incomplete > 100 && seen.error > 100,
      JSON.stringify(seen),
    );
  });

  it('respect the limit of the head however they are split', () => {
    const line = `X: ${'a'.repeat(996)}\n`;
    const text = `GET / HTTP/1.1\n${line.repeat(65)}${'b'.repeat(537)}`;
    assert.ok(text.length > REQUEST_BOUNDS.headBytes);
    assert.match(refusal(text), /too long/);
    assert.match(refusal(...(text.match(/[^]{1,7}/g) ?? [])), /too long/);
  });
});

/** The message quotes what was received after the end, which depends on the chunks. */
function stable(result: RequestMessage | string): unknown {
  return typeof result === 'string' ? result.replace(/^".*(?= follows the end)/, '…') : result;
}
