/** Reads complete CGI replies, for tests. */
import assert from 'node:assert/strict';
import { ReplyError, ReplyReader, type ReplyHead } from '../reply.ts';

export const encode = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

export interface ReadReply {
  readonly head: ReplyHead | undefined;
  readonly body: string;
  readonly error: string | undefined;
}

/** Reads `pieces` as one reply. */
export function readReply(pieces: readonly string[], method = 'GET'): ReadReply {
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

export function acceptReply(text: string, method = 'GET'): { head: ReplyHead; body: string } {
  const { head, body, error } = readReply([text], method);
  if (head === undefined || error !== undefined) assert.fail(error ?? 'no head');
  return { head, body };
}

export function refuseReply(text: string, method = 'GET'): string {
  const { error } = readReply([text], method);
  return error ?? assert.fail(`accepted: ${JSON.stringify(text)}`);
}
