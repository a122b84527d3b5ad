import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewExecution } from '../../db/runs/executions.ts';
import { cutStop, cutUrls, MAX_LINE_CHARACTERS, withoutTexts, writeCut } from './cut-record.ts';
import { readLine } from '../../db/runs/execution-lines.ts';
import { writeLine } from '../journal/line.ts';

const HUGE = 'x'.repeat(MAX_LINE_CHARACTERS);
const RUN: NewExecution = {
  id: '0199f0a0-0000-7000-8000-000000000001',
  handlerId: '0199f0a0-0000-7000-8000-000000000002',
  versionId: null,
  ownerId: '0199f0a0-0000-7000-8000-000000000004',
  mode: 'sync',
  callId: '0199f0a0-0000-7000-8000-000000000001',
  attempt: 1,
  status: 'stopped',
  method: 'GET',
  path: '/run/a/',
  httpStatus: 502,
  exitCode: null,
  trap: { code: 'unreachable', message: 'm', backtrace: ['f'] },
  gas: 123,
  memoryPages: 1,
  calls: { resource_open: 2 },
  urls: ['https://example.com/'],
  bytesIn: 1,
  bytesOut: 2,
  wallMs: 0.5,
  output: new Uint8Array(),
  errorOutput: new Uint8Array(),
  log: [{ level: 1, text: 'line', atMs: 0.5 }],
  trace: [{ name: 'log_write', args: [{ name: 'text', value: 'line' }], atMs: 1, tookMs: 2 }],
  exchange: { requestHeaders: [['a', 'b']], body: '', replyHeaders: [] },
  startedAt: new Date(1_763_985_600_123),
};

const frames = (frame: string): NewExecution['trap'] => ({
  code: 'unreachable',
  message: frame,
  backtrace: [frame, frame],
});

for (const [what, change] of Object.entries({
  'names of functions': { trap: frames(HUGE) },
  'a trace': { trace: [{ name: HUGE, args: [], atMs: 0, tookMs: 0 }] },
  'a log': {
    log: Array.from({ length: 9000 }, () => ({ level: 1, text: '\0'.repeat(90), atMs: 0 })),
  },
  URLs: { urls: [HUGE, HUGE] },
  calls: { calls: Object.fromEntries([1, 2].map((i) => [HUGE + i, 1])) },
  'an exchange': {
    exchange: { requestHeaders: [], body: HUGE, replyHeaders: [['a', HUGE] as const] },
  },
  output: { output: Buffer.alloc(MAX_LINE_CHARACTERS) },
  'a path and a method': { path: HUGE, method: HUGE },
} satisfies Record<string, Partial<NewExecution>>)) {
  test(`a run with ${what} of any length is recorded with its bill`, () => {
    const line = writeLine({ ...RUN, ...change });
    assert.ok(line.length <= MAX_LINE_CHARACTERS, `${line.length} characters`);
    const read = readLine(line.slice(0, -1));
    assert.deepEqual([read?.id, read?.gas, read?.status], [RUN.id, RUN.gas, RUN.status]);
  });
}

test('a record that exceeds the engine’s maximum string length is cut, not lost', () => {
  const line = writeCut(RUN, (run) => {
    if (run.trap?.backtrace.length !== 0 && run.trace !== null) {
      throw new RangeError('Invalid string length');
    }
    return run.id;
  });
  assert.equal(line, RUN.id);
  assert.throws(() =>
    writeCut(RUN, () => {
      throw new Error('a defect');
    }),
  );
});

test('names and URLs of a guest are cut before they are stored', () => {
  const trap = cutStop({ code: 'gas', message: HUGE, backtrace: [HUGE, HUGE], limit: 1, used: 2 });
  assert.ok(JSON.stringify(trap).length < 6000);
  assert.deepEqual([trap.limit, trap.used], [1, 2]);
  assert.ok(JSON.stringify(cutUrls(Array.from({ length: 500 }, () => HUGE))).length < 300_000);
});

test('a record without texts keeps the bill', () => {
  const bare = withoutTexts(RUN);
  assert.deepEqual(
    [bare.id, bare.gas, bare.wallMs, bare.bytesOut, bare.status, bare.trap?.code],
    [RUN.id, RUN.gas, RUN.wallMs, RUN.bytesOut, RUN.status, 'unreachable'],
  );
  assert.doesNotMatch(JSON.stringify(bare), /example|line|log_write/);
});
