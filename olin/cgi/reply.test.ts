import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReplyError, ReplyReader, type ReplyHead } from './reply.ts';

const encode = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

interface Read {
  readonly head: ReplyHead | undefined;
  readonly body: string;
  readonly error: string | undefined;
}

/** Reads `pieces` as one whole reply. */
function read(pieces: readonly string[], method = 'GET'): Read {
  let head: ReplyHead | undefined;
  let body = '';
  const reader = new ReplyReader(method, {
    onHead(given) {
      assert.equal(head, undefined, 'the head was given twice');
      head = given;
    },
    onBody(chunk) {
      assert.notEqual(head, undefined, 'body before head');
      body += String.fromCharCode(...chunk);
    },
  });
  try {
    for (const piece of pieces) void reader.write(encode(piece));
    reader.end();
    return { head, body, error: undefined };
  } catch (error) {
    assert.ok(error instanceof ReplyError, `not a ReplyError: ${String(error)}`);
    assert.throws(() => reader.write(encode('more')), error, 'a bad reply stays bad');
    assert.throws(() => reader.end(), error, 'a bad reply stays bad');
    return { head, body, error: error.message };
  }
}

function reply(text: string, method = 'GET'): { head: ReplyHead; body: string } {
  const { head, body, error } = read([text], method);
  if (head === undefined || error !== undefined) assert.fail(error ?? 'no head');
  return { head, body };
}

function refusal(text: string, method = 'GET'): string {
  const { error } = read([text], method);
  return error ?? assert.fail(`accepted: ${JSON.stringify(text)}`);
}

const names = (head: ReplyHead): string[] => head.fields.map(({ name }) => name);

describe('a reply, RFC 3875 section 6', () => {
  it('6.2.1: a document has its type, and status 200 where none is given', () => {
    const { head, body } = reply('Content-Type: text/plain\n\nHello\n');
    assert.deepEqual([head.status, head.reason, body], [200, '', 'Hello\n']);
    assert.deepEqual(head.fields, [{ name: 'Content-Type', value: 'text/plain' }]);
  });

  it('6.3: lines may end in LF, CR LF, or both in turn; names are case-insensitive', () => {
    for (const text of [
      'content-TYPE:a/b\nSTATUS: 201 X\n\nbody',
      'content-TYPE:a/b\r\nSTATUS: 201 X\r\n\r\nbody',
      'content-TYPE:a/b\nSTATUS: 201 X\r\n\nbody',
    ]) {
      const { head, body } = reply(text);
      assert.deepEqual([head.status, head.reason, body], [201, 'X', 'body']);
    }
  });

  it('the body is bytes, left alone', () => {
    assert.equal(reply('Content-Type: a/b\n\n\r\n\n\0\xff').body, '\r\n\n\0\xff');
  });

  it('6.3.3: Status gives the status and is not passed on', () => {
    const { head } = reply('Status: 404 Not Found\nContent-Type: a/b\n\n');
    assert.deepEqual([head.status, head.reason, names(head)], [404, 'Not Found', ['Content-Type']]);
    assert.equal(reply('Status: 503\nContent-Type: a/b\n\n').head.status, 503);
  });

  it('6.3.1: a reply without body needs no type', () => {
    assert.equal(reply('Status: 404\n\n').head.status, 404);
  });

  it('6.2.3: a whole URL as Location is a redirect', () => {
    const { head } = reply('Location: https://example.com/a?b#c\n\n');
    assert.deepEqual(
      [head.status, head.fields],
      [302, [{ name: 'Location', value: 'https://example.com/a?b#c' }]],
    );
  });

  it('6.2.2: a path as Location sends the caller there too', () => {
    const { head } = reply('Location: /other?x\n\n');
    assert.deepEqual([head.status, names(head)], [302, ['Location']]);
  });

  it('6.2.4: a redirect may have a document and another status', () => {
    const { head, body } = reply('Status: 303 See Other\nLocation: /x\nContent-Type: a/b\n\nthere');
    assert.deepEqual([head.status, body], [303, 'there']);
    assert.equal(reply('Status: 201\nLocation: /items/3\n\n').head.status, 201);
  });

  it('keeps several Set-Cookie apart and in order', () => {
    const { head } = reply('Set-Cookie: a=1; Path=/\nContent-Type: a/b\nSet-Cookie: b=2\n\n');
    assert.deepEqual(head.fields, [
      { name: 'Set-Cookie', value: 'a=1; Path=/' },
      { name: 'Content-Type', value: 'a/b' },
      { name: 'Set-Cookie', value: 'b=2' },
    ]);
  });

  it('6.3.4 and 6.3.5: headers about the connection and X-CGI-* are left out', () => {
    const { head } = reply(
      'Connection: close\nKeep-Alive: 1\nUpgrade: x\nTE: x\nTrailer: x\nProxy-Connection: x\nX-CGI-Note: x\nX-Note: y\nContent-Type: a/b\n\n',
    );
    assert.deepEqual(names(head), ['X-Note', 'Content-Type']);
  });

  it('4.3.3: a HEAD has no body, whatever is written, but keeps its length', () => {
    const { head, body } = reply('Content-Type: a/b\nContent-Length: 5\n\nhello', 'HEAD');
    assert.deepEqual(
      [head.hasBody, body, names(head)],
      [false, '', ['Content-Type', 'Content-Length']],
    );
  });

  it('204, 205 and 304 have no body, and the first two no length', () => {
    for (const status of [204, 205, 304]) {
      const { head, body } = reply(`Status: ${status}\nContent-Length: 0\n\n\n`);
      assert.deepEqual([head.hasBody, body], [false, '']);
      assert.deepEqual(names(head), status === 304 ? ['Content-Length'] : []);
    }
  });

  it('a Content-Length that is right is passed on', () => {
    assert.deepEqual(names(reply('Content-Type: a/b\nContent-Length: 3\n\nabc').head), [
      'Content-Type',
      'Content-Length',
    ]);
  });
});

describe('a bad reply is told what was found and what to do', () => {
  const typed = 'Content-Type: text/plain\n';
  const cases: readonly [what: string, text: string, says: RegExp][] = [
    [
      'nothing',
      '',
      /^The reply is empty\. Print "Content-Type: text\/plain", then an empty line, then the body\.$/,
    ],
    [
      'a body alone',
      'Hello, world!\n',
      /^The reply has no header: it began with "Hello, world!"\. Print "Content-Type/,
    ],
    ['a body alone, without a line end', 'Hello', /no header: it began with "Hello"/],
    ['a long body alone', `${'Hello '.repeat(20)}\n`, /it began with "(Hello ){5}He…"/],
    ['a body in UTF-8', '{"caf\xc3\xa9"}', /began with "\{\\"café\\"\}"/],
    ['an empty line first', '\nHello', /began with an empty line/],
    ['a header without end', typed, /never ended\. Print an empty line/],
    ['a header cut in its first line', 'Content-Type: te', /never ended/],
    [
      'a whole HTTP response',
      `HTTP/1.1 200 OK\r\n${typed}\r\n`,
      /began with "HTTP\/1\.1 200 OK".*"Status: 200 OK"/,
    ],
    ['a body without a type', 'Status: 200 OK\n\nHello', /body but no Content-Type/],
    ['no CGI header', 'X-A: b\n\n', /none of Content-Type, Status and Location/],
    ['an empty type', 'Content-Type:\n\nx', /Content-Type is empty/],
    ['two types', `${typed}${typed}\n`, /Content-Type more than once/],
    ['two statuses', 'Status: 200\nstatus: 404\n\n', /status more than once/],
    ['two locations', 'Location: /a\nLocation: /b\n\n', /Location more than once/],
    [
      'two lengths',
      `${typed}Content-Length: 1\nContent-Length: 1\n\na`,
      /Content-Length more than once/,
    ],
    ['a status in words', 'Status: OK\n\n', /Status is "OK"/],
    ['a status of four digits', 'Status: 2000\n\n', /Status is "2000"/],
    ['an interim status', 'Status: 101 Switching\n\n', /from 200 to 599/],
    ['a status over 599', 'Status: 600\n\n', /from 200 to 599/],
    ['a relative location', 'Location: next\n\n', /Location is "next".*begins with "\/"/],
    ['an empty location', 'Location:\n\n', /Location is ""/],
    ['a location with a space', 'Location: /a b\n\n', /Location is/],
    [
      'a transfer coding',
      `${typed}Transfer-Encoding: chunked\n\n0\r\n\r\n`,
      /Transfer-Encoding.*frames it/,
    ],
    ['a length that is none', `${typed}Content-Length: many\n\n`, /Content-Length is "many"/],
    [
      'a body longer than its length',
      `${typed}Content-Length: 3\n\nabcd`,
      /Content-Length is 3, but the body has more/,
    ],
    [
      'a body shorter than its length',
      `${typed}Content-Length: 3\n\nab`,
      /Content-Length is 3, but the body has 2/,
    ],
    ['a carriage return inside a value', `X: a\rSet-Cookie: b\n${typed}\n`, /carriage return/],
    ['NUL inside a value', `X: a\0b\n${typed}\n`, /control character/],
    ['a folded header', `${typed} more\n\n`, /begins with a space/],
    ['a space before the colon', 'Content-Type : a/b\n\n', /space before its colon/],
    ['a second line that is no header', `${typed}Hello\n\n`, /"Hello" has no colon/],
    ['a header too long', `X: ${'a'.repeat(70_000)}`, /header of the reply.*too long/],
    ['too many headers', `${'A: b\n'.repeat(200)}\n`, /more than 128 headers/],
  ];
  for (const [what, text, says] of cases) {
    it(what, () => {
      const message = refusal(text);
      assert.match(message, says);
      assert.match(message, /\.$/);
    });
  }
});

describe('a reply comes piece by piece', () => {
  it('the head is given at the empty line, the body as it is written', () => {
    const events: string[] = [];
    const reader = new ReplyReader('GET', {
      onHead: ({ status }) => void events.push(`head ${status}`),
      onBody: (chunk) => void events.push(String.fromCharCode(...chunk)),
    });
    void reader.write(encode('Content-Type: a/b\n'));
    assert.deepEqual(events, []);
    void reader.write(encode('\nfirst'));
    assert.deepEqual(events, ['head 200', 'first']);
    void reader.write(encode('second'));
    assert.deepEqual(events, ['head 200', 'first', 'second']);
  });

  it('without a type the head waits, so that a body can still be refused', () => {
    let given = 0;
    const reader = new ReplyReader('GET', { onHead: () => void given++, onBody() {} });
    void reader.write(encode('Status: 404\n\n'));
    assert.equal(given, 0);
    reader.end();
    assert.equal(given, 1);
  });

  it('passes back-pressure through, and none where nothing waits', async () => {
    const room = Promise.withResolvers<void>();
    const reader = new ReplyReader('GET', { onHead() {}, onBody: () => room.promise });
    assert.equal(reader.write(encode('Content-Type: a/b\n\n')), undefined);
    const written = reader.write(encode('body'));
    assert.equal(written, room.promise);
    room.resolve();
    await written;
  });
});

/** Numbers under `below`, the same on each run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const BASES = [
  '',
  'Content-Type: a/b\n\nbody',
  'Status: 404 No\r\nContent-Type: a/b\r\n\r\n',
  'Location: /x\n\n',
  'Content-Type: a/b\nContent-Length: 4\n\nbody',
] as const;
const FRAGMENTS = [
  '\n',
  '\r\n',
  '\r',
  ':',
  ' ',
  '\0',
  '\xff',
  'X-A: b\n',
  'Status: 204\n',
  'Content-Length: 4\n',
  'Transfer-Encoding: chunked\n',
  'HTTP/1.1 200 OK\n',
  'Set-Cookie: a\n',
  'Location: http://x\n',
  'x'.repeat(200),
] as const;

describe('any output', () => {
  it('gives a reply or a ReplyError, the same however it is cut', () => {
    const random = seeded(38_75);
    const seen = { good: 0, bad: 0 };
    for (let round = 0; round < 4000; round++) {
      let text = BASES[random(BASES.length)] ?? '';
      for (let count = random(4); count > 0; count--) {
        const at = random(text.length + 1);
        text = text.slice(0, at) + (FRAGMENTS[random(FRAGMENTS.length)] ?? '') + text.slice(at);
      }
      const method = random(8) === 0 ? 'HEAD' : 'GET';
      const whole = read([text], method);
      const pieces: string[] = [];
      for (let at = 0; at < text.length;) {
        const next = at + 1 + random(random(2) === 0 ? 3 : 40);
        pieces.push(text.slice(at, next));
        at = next;
      }
      const cut = read(pieces, method);
      assert.deepEqual([cut.head, cut.error], [whole.head, whole.error], JSON.stringify(text));
      // Of a body that is too long, as much is passed on as came before the excess.
      if (whole.error === undefined) assert.equal(cut.body, whole.body, JSON.stringify(text));
      seen[whole.error === undefined ? 'good' : 'bad'] += 1;
      if (whole.head === undefined || whole.error !== undefined) continue;
      for (const { name, value } of whole.head.fields)
        assert.doesNotMatch(name + value, /[\r\n\0]/);
    }
    assert.ok(seen.good > 400 && seen.bad > 400, JSON.stringify(seen));
  });
});
