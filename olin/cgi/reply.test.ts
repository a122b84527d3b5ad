import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReplyReader, type ReplyHead } from './reply.ts';
import { acceptReply, encode } from './testdata/read-reply.ts';

const names = (head: ReplyHead): string[] => head.fields.map(({ name }) => name);

describe('a reply, RFC 3875 section 6', () => {
  it('6.2.1: a document has its type, and status 200 by default', () => {
    const { head, body } = acceptReply('Content-Type: text/plain\n\nHello\n');
    assert.deepEqual([head.status, head.reason, body], [200, '', 'Hello\n']);
    assert.deepEqual(head.fields, [{ name: 'Content-Type', value: 'text/plain' }]);
  });

  it('6.3: lines may end in LF, CR LF, or a mixture; names are case-insensitive', () => {
    for (const text of [
      'content-TYPE:a/b\nSTATUS: 201 X\n\nbody',
      'content-TYPE:a/b\r\nSTATUS: 201 X\r\n\r\nbody',
      'content-TYPE:a/b\nSTATUS: 201 X\r\n\nbody',
    ]) {
      const { head, body } = acceptReply(text);
      assert.deepEqual([head.status, head.reason, body], [201, 'X', 'body']);
    }
  });

  it('the body is passed on byte by byte', () => {
    assert.equal(acceptReply('Content-Type: a/b\n\n\r\n\n\0\xff').body, '\r\n\n\0\xff');
  });

  it('6.3.3: Status sets the status and is not passed on', () => {
    const { head } = acceptReply('Status: 404 Not Found\nContent-Type: a/b\n\n');
    assert.deepEqual([head.status, head.reason, names(head)], [404, 'Not Found', ['Content-Type']]);
    assert.equal(acceptReply('Status: 503\nContent-Type: a/b\n\n').head.status, 503);
  });

  it('6.3.1: a reply without body needs no type', () => {
    assert.equal(acceptReply('Status: 404\n\n').head.status, 404);
  });

  it('6.2.3: an absolute URL as Location is a redirect', () => {
    const { head } = acceptReply('Location: https://example.com/a?b#c\n\n');
    assert.deepEqual(
      [head.status, head.fields],
      [302, [{ name: 'Location', value: 'https://example.com/a?b#c' }]],
    );
  });

  it('6.2.2: a path as Location is a redirect too', () => {
    const { head } = acceptReply('Location: /other?x\n\n');
    assert.deepEqual([head.status, names(head)], [302, ['Location']]);
  });

  it('6.2.4: a redirect may have a body and another status', () => {
    const { head, body } = acceptReply(
      'Status: 303 See Other\nLocation: /x\nContent-Type: a/b\n\nthere',
    );
    assert.deepEqual([head.status, body], [303, 'there']);
    assert.equal(acceptReply('Status: 201\nLocation: /items/3\n\n').head.status, 201);
  });

  it('keeps several Set-Cookie headers separate and in order', () => {
    const { head } = acceptReply('Set-Cookie: a=1; Path=/\nContent-Type: a/b\nSet-Cookie: b=2\n\n');
    assert.deepEqual(head.fields, [
      { name: 'Set-Cookie', value: 'a=1; Path=/' },
      { name: 'Content-Type', value: 'a/b' },
      { name: 'Set-Cookie', value: 'b=2' },
    ]);
  });

  it('6.3.4 and 6.3.5: connection headers and X-CGI-* are omitted', () => {
    const { head } = acceptReply(
      'Connection: close\nKeep-Alive: 1\nUpgrade: x\nTE: x\nTrailer: x\nProxy-Connection: x\nX-CGI-Note: x\nX-Note: y\nContent-Type: a/b\n\n',
    );
    assert.deepEqual(names(head), ['X-Note', 'Content-Type']);
  });

  it('4.3.3: the response to HEAD has no body, whatever is written, but keeps its length', () => {
    const { head, body } = acceptReply('Content-Type: a/b\nContent-Length: 5\n\nhello', 'HEAD');
    assert.deepEqual(
      [head.hasBody, body, names(head)],
      [false, '', ['Content-Type', 'Content-Length']],
    );
  });

  it('204, 205 and 304 have no body, and 204 and 205 no length', () => {
    for (const status of [204, 205, 304]) {
      const { head, body } = acceptReply(`Status: ${status}\nContent-Length: 0\n\n\n`);
      assert.deepEqual([head.hasBody, body], [false, '']);
      assert.deepEqual(names(head), status === 304 ? ['Content-Length'] : []);
    }
  });

  it('a correct Content-Length is passed on', () => {
    assert.deepEqual(names(acceptReply('Content-Type: a/b\nContent-Length: 3\n\nabc').head), [
      'Content-Type',
      'Content-Length',
    ]);
  });
});

describe('a reply that arrives in pieces', () => {
  it('the head is passed on at the empty line, and the body as it is written', () => {
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

  it('without Content-Type the head is held back, so that a body can still be refused', () => {
    let given = 0;
    const reader = new ReplyReader('GET', { onHead: () => void given++, onBody() {} });
    void reader.write(encode('Status: 404\n\n'));
    assert.equal(given, 0);
    reader.end();
    assert.equal(given, 1);
  });

  it('passes back-pressure on, and adds none of its own', async () => {
    const room = Promise.withResolvers<void>();
    const reader = new ReplyReader('GET', { onHead() {}, onBody: () => room.promise });
    assert.equal(reader.write(encode('Content-Type: a/b\n\n')), undefined);
    const written = reader.write(encode('body'));
    assert.equal(written, room.promise);
    room.resolve();
    await written;
  });
});
