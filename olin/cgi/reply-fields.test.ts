import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refuseReply } from './testdata/read-reply.ts';

describe('the error for an invalid reply says what was found and what to do', () => {
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
    [
      'a length that is not a number',
      `${typed}Content-Length: many\n\n`,
      /Content-Length is "many"/,
    ],
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
    ['a second line that is not a header', `${typed}Hello\n\n`, /"Hello" has no colon/],
    ['a header too long', `X: ${'a'.repeat(70_000)}`, /header of the reply.*too long/],
    ['too many headers', `${'A: b\n'.repeat(200)}\n`, /more than 128 headers/],
  ];
  for (const [what, text, says] of cases) {
    it(what, () => {
      const message = refuseReply(text);
      assert.match(message, says);
      assert.match(message, /\.$/);
    });
  }
});
