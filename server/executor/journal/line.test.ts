import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewExecution } from '../../db/runs/executions.ts';
import { readLine } from '../../db/runs/execution-lines.ts';
import { writeLine } from './line.ts';

const RUN: NewExecution = {
  id: '0199f0a0-0000-7000-8000-000000000001',
  handlerId: '0199f0a0-0000-7000-8000-000000000002',
  versionId: '0199f0a0-0000-7000-8000-000000000003',
  ownerId: '0199f0a0-0000-7000-8000-000000000004',
  mode: 'sync',
  callId: '0199f0a0-0000-7000-8000-000000000001',
  attempt: 1,
  status: 'stopped',
  method: 'M-SEARCH',
  path: '/run/a/?"quoted"\\\u2028\ud800\n',
  httpStatus: 502,
  exitCode: null,
  trap: { code: 'gas', message: 'used "up"', backtrace: ['f\n', 'g'], limit: 1, used: 2 },
  gas: 9_007_199_254_740_991,
  memoryPages: 1,
  calls: { resource_open: 2 },
  urls: ['https://example.com/"\\'],
  bytesIn: 1,
  bytesOut: 2,
  wallMs: 0.123_456_789,
  output: Uint8Array.of(0, 10, 255),
  errorOutput: Uint8Array.of(34),
  log: [{ level: 1, text: 'a "line"\n', atMs: 0.5 }],
  trace: [{ name: 'log_write', args: [{ name: 'text', value: '"' }], atMs: 1, tookMs: 2 }],
  exchange: { requestHeaders: [['a', '"']], body: 'aGk=', replyHeaders: [['b', '\xe9']] },
  startedAt: new Date(1_763_985_600_123),
};
const PLAIN: NewExecution = {
  ...RUN,
  versionId: null,
  httpStatus: null,
  exitCode: 0,
  trap: null,
  calls: {},
  urls: [],
  output: new Uint8Array(),
  errorOutput: new Uint8Array(),
  log: [],
  trace: null,
};

for (const [what, run] of Object.entries({ full: RUN, plain: PLAIN })) {
  test(`a record is the same after it is written to the journal and read back (${what})`, () => {
    const line = writeLine(run);
    assert.equal(line.indexOf('\n'), line.length - 1, 'a record is a single line');
    const read = readLine(line.slice(0, -1));
    assert.ok(read);
    const { output, errorOutput, ...rest } = read;
    assert.deepEqual(Uint8Array.from(output), run.output);
    assert.deepEqual(Uint8Array.from(errorOutput), run.errorOutput);
    assert.deepEqual({ ...rest, output: run.output, errorOutput: run.errorOutput }, run);
  });
}

test('a line of an older server is read, and a truncated line is ignored', () => {
  const older = JSON.stringify({ ...PLAIN, output: '', errorOutput: '' });
  assert.deepEqual(readLine(older)?.startedAt, PLAIN.startedAt);
  assert.equal(readLine(writeLine(RUN).slice(0, 200)), undefined);
});
