import { Type } from 'typebox';
import type {
  ExecutionDetail,
  ExecutionFilter,
  ExecutionSummary,
} from '../../../db/runs/execution-reads.ts';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../../../execution-status.ts';
import type { ExecutionHeader } from '../../../db/runs/executions.ts';
import type { Caller } from '../../auth/caller.ts';
import { closed, type RouteGroup } from '../../route.ts';
import { HandlerParams, Id, nullable, text, time, Time } from '../../schemas.ts';
import type { Queryable } from '../../../db/connection/database.ts';
import { ownHandler } from '../handlers/resource.ts';

export const EXECUTIONS: RouteGroup = {
  tag: 'Executions',
  description: 'Records of runs: output, log, trace and bill.',
};

const Status = Type.Enum(EXECUTION_STATUSES);

type HttpClass = '2xx' | '3xx' | '4xx' | '5xx';
const HTTP_CLASSES: readonly HttpClass[] = ['2xx', '3xx', '4xx', '5xx'];

export const filterFields = {
  handler: Type.Optional(HandlerParams.properties.handler),
  status: Type.Optional(Status),
  http: Type.Optional(Type.Enum([...HTTP_CLASSES], { description: 'Class of the HTTP status.' })),
  text: Type.Optional(text(200, 'Text in the log. Not case-sensitive.', 1)),
} as const;

const number = Type.Number({ minimum: 0 });

const summaryFields = {
  id: Id,
  handlerId: Id,
  handler: Type.String(),
  version: nullable(Type.Integer()),
  mode: Type.Union([Type.Literal('sync'), Type.Literal('async')]),
  callId: Type.String({ description: 'The same for all attempts of one asynchronous call.' }),
  attempt: Type.Integer({ minimum: 1 }),
  status: Status,
  method: Type.String(),
  path: Type.String(),
  httpStatus: nullable(Type.Integer()),
  exitCode: nullable(Type.Integer()),
  trapCode: nullable(Type.String()),
  gas: Type.Number({
    minimum: 0,
    description: 'Executed WebAssembly instructions, plus the charges for system calls.',
  }),
  memoryPages: Type.Integer({
    minimum: 0,
    description:
      'Peak in pages of 64 KiB, of the module’s memories and of host memory for the run.',
  }),
  wallMs: number,
  startedAt: Time,
} as const;

export const ExecutionView = closed(summaryFields);

const Bytes = closed({
  text: Type.String({ description: 'Decoded as UTF-8.' }),
  base64: Type.String({ description: 'The bytes.' }),
});

const Scalar = Type.Union([Type.String(), Type.Number()]);

const TracedCall = closed({
  name: Type.String({ description: 'Name of the function, such as `resource_open`.' }),
  args: Type.Array(closed({ name: Type.String(), value: Scalar })),
  result: Type.Optional(
    Type.Union([Type.String(), Type.Number()], {
      description: '64-bit numbers are strings. Absent if the function has no result.',
    }),
  ),
  fault: Type.Optional(Type.String({ description: 'Why the call never returned.' })),
  atMs: Type.Number({ description: 'Milliseconds since the start of the run.' }),
  tookMs: number,
});

const HeaderList = Type.Array(closed({ name: Type.String(), value: Type.String() }), {
  description: 'In order. Values of credentials are removed.',
});
const TRACE_ONLY = 'Null if the handler’s `trace` was off.';

export const ExecutionDetailView = closed({
  ...summaryFields,
  trap: nullable(
    closed({
      code: Type.String(),
      message: Type.String(),
      backtrace: Type.Array(Type.String()),
      limit: Type.Optional(Type.Number()),
      used: Type.Optional(Type.Number()),
    }),
  ),
  calls: Type.Record(Type.String(), Type.Integer()),
  urls: Type.Array(Type.String()),
  bytesIn: number,
  bytesOut: number,
  output: Bytes,
  errorOutput: Bytes,
  log: Type.Array(closed({ level: Type.Integer(), text: Type.String(), atMs: Type.Number() })),
  trace: nullable(
    Type.Array(TracedCall, {
      description:
        'The first system calls, in order. Null if the handler’s `trace` was off. `calls` counts all of them.',
    }),
  ),
  request: nullable(
    closed(
      { headers: HeaderList, body: Bytes },
      {
        description: `The headers as sent, and the first bytes of the body that the handler read. ${TRACE_ONLY}`,
      },
    ),
  ),
  response: nullable(
    closed(
      { headers: HeaderList },
      { description: `The headers as the handler wrote them. ${TRACE_ONLY}` },
    ),
  ),
});

export function viewExecution(row: ExecutionSummary) {
  const { id, handlerId, handler, version, mode, callId, attempt, status, method, path } = row;
  const { httpStatus, exitCode, trapCode, gas, memoryPages, wallMs, startedAt } = row;
  return {
    id,
    handlerId,
    handler,
    version,
    mode,
    callId,
    attempt,
    status,
    method,
    path,
    httpStatus,
    exitCode,
    trapCode,
    gas,
    memoryPages,
    wallMs,
    startedAt: time(startedAt),
  };
}

export function viewDetail(row: ExecutionDetail) {
  const { trap, calls, urls, bytesIn, bytesOut, log, trace, exchange } = row;
  return {
    ...viewExecution(row),
    trap: trap === null ? null : { ...trap, backtrace: [...trap.backtrace] },
    calls: { ...calls },
    urls: [...urls],
    bytesIn,
    bytesOut,
    output: viewBytes(row.output),
    errorOutput: viewBytes(row.errorOutput),
    log: [...log],
    trace: trace === null ? null : trace.map((call) => ({ ...call, args: [...call.args] })),
    ...viewExchange(exchange),
  };
}

function viewExchange(exchange: ExecutionDetail['exchange']) {
  if (exchange === null) return { request: null, response: null };
  const { requestHeaders, body, replyHeaders } = exchange;
  return {
    request: { headers: viewHeaders(requestHeaders), body: viewBytes(Buffer.from(body, 'base64')) },
    response: { headers: viewHeaders(replyHeaders) },
  };
}

function viewHeaders(headers: readonly ExecutionHeader[]) {
  return headers.map(([name, value]) => ({ name, value }));
}

function viewBytes(bytes: Uint8Array) {
  const buffer = Buffer.from(bytes);
  return { text: buffer.toString('utf8'), base64: buffer.toString('base64') };
}

/** Converts query parameters to a filter on the caller's own executions. */
export async function toFilter(
  db: Queryable,
  user: Caller,
  query: {
    readonly handler?: string;
    readonly status?: ExecutionStatus;
    readonly http?: HttpClass;
    readonly text?: string;
  },
): Promise<ExecutionFilter> {
  const handlerId =
    query.handler === undefined ? undefined : (await ownHandler(db, user, query.handler)).id;
  const { status, text, http } = query;
  const httpClass = http === undefined ? undefined : Number(http[0]);
  return { ownerId: user.id, handlerId, status, text, httpClass };
}
