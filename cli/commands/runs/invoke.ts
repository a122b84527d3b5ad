import { asProblem, take } from '../../../client/api.ts';
import type { CallBill } from '../../../client/bill.ts';
import { ApiError, type ApiProblem } from '../../../client/errors.ts';
import {
  addressOf,
  callHandler,
  readHeader,
  readWhole,
  type HandlerResponse,
} from '../../handler/call.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../../parser/command.ts';
import type { Context } from '../../context.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { readInput } from '../../terminal/input.ts';
import { authorizationFor } from '../../handler/private-call.ts';
import { formatCount, formatMs } from '../../../olin/quantities.ts';
import { styled, text, type Text } from '../../terminal/text.ts';

/** Maximum body that `--json` reads into memory. */
const MAX_BYTES = 64 * 1024 * 1024;

export const command = defineCommand({
  summary: 'Call a handler',
  description:
    'Calls one of your handlers. The response body is streamed to standard output; the status and the bill go to standard error. A private handler is called with your token. On a terminal, control characters in the response are made visible.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {
    data: {
      kind: 'text',
      short: 'd',
      value: 'BODY',
      description: 'The body of the request: text, @FILE, or - for standard input.',
    },
    header: {
      kind: 'list',
      short: 'H',
      value: "'NAME: VALUE'",
      description: 'Adds a header to the request. Can be repeated.',
    },
    method: {
      kind: 'text',
      short: 'X',
      value: 'METHOD',
      description: 'The request method. Default: GET, or POST with a body.',
    },
    path: {
      kind: 'text',
      value: 'PATH',
      default: '/',
      description: 'The path below the handler, with an optional query.',
    },
    include: { kind: 'flag', short: 'i', description: 'Also prints the response headers.' },
  },
  examples: [
    { line: 'trisiel invoke brave-otter', what: 'Send GET /.' },
    {
      line: "trisiel invoke brave-otter --path '/greet?name=Ada'",
      what: 'Call another path, with a query.',
    },
    {
      line: "trisiel invoke brave-otter -d @order.json -H 'Content-Type: application/json'",
      what: 'Send a file with POST.',
    },
  ],
  json: 'an object: status, headers (an array of name and value), body (text and base64), bill (executionId, gas, runMs; or null).',
  exits: [...SERVER_EXITS, 'guest'],
  async run(context) {
    const { api: connect, args, options, settings, out, signal } = context;
    const headers = options.header.map(readHeader);
    const api = await connect();
    const path = { handler: await settings.handler(args.handler) };
    const handler = await take(api.GET('/api/handlers/{handler}', { params: { path } }));
    const body = await readBody(context, options.data);
    const isAuthorized = headers.some(([name]) => name.toLowerCase() === 'authorization');
    const reply = await callHandler({
      url: addressOf(handler.url, options.path),
      method: (options.method ?? (body === undefined ? 'GET' : 'POST')).toUpperCase(),
      headers: [...headers, ...(isAuthorized ? [] : await authorizationFor(context, handler))],
      body,
      signal,
    });
    await throwProblem(reply);
    if (out.isJson) await describeJson(context, reply);
    else if (isProblem(reply)) await reportProblem(context, reply);
    else await describeText(context, reply, options.include);
    return reply.status >= 400 ? 'guest' : 'ok';
  },
});

async function readBody(
  { terminal }: Context,
  data: string | undefined,
): Promise<Uint8Array | undefined> {
  if (data === undefined) return undefined;
  if (data === '-') return readInput(terminal, '-');
  return data.startsWith('@') ? readInput(terminal, data.slice(1)) : Buffer.from(data);
}

/** Throws if the executor refused the call, so that no guest ran. */
async function throwProblem(reply: HandlerResponse): Promise<void> {
  if (reply.bill() !== undefined || !isProblem(reply)) return;
  throw new ApiError(await readProblem(reply));
}

/** Whether the body is a problem document, from the executor or from a guest. */
function isProblem({ headers }: HandlerResponse): boolean {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return type?.startsWith('application/problem+json') === true;
}

async function readProblem(reply: HandlerResponse): Promise<ApiProblem> {
  const whole = await readWhole(reply.body, MAX_BYTES);
  let parsed: unknown;
  try {
    parsed = JSON.parse(whole.toString('utf8'));
  } catch {
    // Not JSON: asProblem creates a problem from the status.
  }
  return asProblem(parsed, new Response(null, { status: reply.status }));
}

/** Reports a failed run in a sentence. `trisiel execution` shows the backtrace. */
async function reportProblem({ out }: Context, reply: HandlerResponse): Promise<void> {
  await out.note(formatStatusLine(reply));
  const { detail } = await readProblem(reply);
  await out.note(text`${styled('red', 'Error:')} ${detail}`);
  const bill = reply.bill();
  if (bill !== undefined) await out.note(formatBill(bill));
}

async function describeJson({ out }: Context, reply: HandlerResponse): Promise<void> {
  const whole = await readWhole(reply.body, MAX_BYTES);
  const { status, headers } = reply;
  const body = { text: whole.toString('utf8'), base64: whole.toString('base64') };
  await out.give({ status, headers, body, bill: reply.bill() ?? null }, () => []);
}

async function describeText(
  { out }: Context,
  reply: HandlerResponse,
  withHeaders: boolean,
): Promise<void> {
  await out.note(formatStatusLine(reply));
  if (withHeaders)
    for (const [name, value] of reply.headers) await out.note(text`${name}: ${value}`);
  const writer = out.writer();
  let last = 0x0a;
  for await (const chunk of reply.body) {
    await writer(chunk);
    last = chunk.at(-1) ?? last;
  }
  await writer();
  // Otherwise a terminal would show the bill on the last line of the body.
  if (last !== 0x0a) await out.endLine();
  const bill = reply.bill();
  if (bill !== undefined) await out.note(formatBill(bill));
}

function formatStatusLine({ status, reason }: HandlerResponse): Text {
  return styled(status < 400 ? 'green' : 'red', `HTTP ${status} ${reason}`.trimEnd());
}

function formatBill({ gas, runMs, executionId }: CallBill): Text {
  const parts = [
    ...(gas === undefined ? [] : [`${formatCount(gas)} gas`]),
    ...(runMs === undefined ? [] : [formatMs(runMs)]),
    `trisiel execution ${executionId}`,
  ];
  return styled('dim', parts.join(', '));
}
