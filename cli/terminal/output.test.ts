import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { CommandOutput } from './output.ts';
import { text } from './text.ts';

function open(isJson: boolean) {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = new PassThrough({ encoding: 'utf8' });
  const terminal = { stdin: Readable.from(['']), stdout, stderr, env: {}, cwd: '/' };
  const read = (stream: PassThrough): string => String(stream.read() ?? '');
  return {
    out: new CommandOutput(terminal, isJson),
    stdout: () => read(stdout),
    stderr: () => read(stderr),
  };
}

test('JSON output has the same content and no control characters', async () => {
  const value = { log: '\u001b[31m\u009b31m\u202e\u007f' };
  const { out, stdout } = open(true);
  await out.give(value, () => text``);
  const written = stdout();
  assert.doesNotMatch(written, /(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  assert.deepEqual(JSON.parse(written), value);
});

test('with --json, text is omitted and warnings are JSON', async () => {
  const { out, stdout, stderr } = open(true);
  await out.say(text`for people`);
  await out.note(text`for people`);
  await out.warn(text`careful`);
  assert.equal(stdout(), '');
  assert.deepEqual(JSON.parse(stderr()), { warning: 'careful' });
});

test('without a terminal there are no colours, and untrusted bytes are not changed', async () => {
  const { out, stdout } = open(false);
  const writer = out.writer();
  await writer(Buffer.from('\u001b[31mred'));
  await writer();
  assert.equal(stdout(), '\u001b[31mred');
});

test('an error with several fields names each of them, and a server error its request', async () => {
  const { out, stderr } = open(false);
  const errors = ['a', 'b'].map((field) => ({ field, found: '1', allowed: '2' }));
  const report = { title: 'T', detail: 'Two are wrong.', code: 'invalid-request', exitCode: 5 };
  await out.fail({ ...report, errors, status: 500, requestId: 'req-1' });
  assert.equal(
    stderr(),
    'Error: Two are wrong.\n  a is 1; it must be 2\n  b is 1; it must be 2\n  Request req-1\n',
  );
});
