/** Runs handlers written in JavaScript, for tests. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { compile, serve, type LogLine, type RunOptions } from '../../../olin/index.ts';
import { nodePlatform } from '../../../olin/platform/node.ts';
import { makeHandler, openEngine } from '../handler.ts';

export const engine = await openEngine(await readFile(new URL('../engine.wasm', import.meta.url)));

/** Compiles JavaScript to a module. Fails the test if the code does not compile or throws when it is evaluated. */
export function make(code: string): Uint8Array<ArrayBuffer> {
  const made = makeHandler(engine, { code, map: '' });
  if (!made.ok) assert.fail(JSON.stringify(made.diagnostics));
  return made.module;
}

export interface HandlerResult {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly log: readonly LogLine[];
  readonly gas: number;
  readonly trap: string | undefined;
  readonly exit: number | null;
}

/** Runs a handler with this code for one request. */
export async function ask(
  code: string,
  request: Request | string = 'http://test/',
  options: Partial<RunOptions> & { scriptName?: string } = {},
): Promise<HandlerResult> {
  const module = await compile(make(code));
  const served = await serve(module, new Request(request), { platform: nodePlatform, ...options });
  const response = served.ok
    ? served.response
    : new Response(served.fault.message, { status: 500 });
  const body = await response.text().catch((error: unknown) => `broken: ${String(error)}`);
  const { log, bill, trap, exit } = await served.result;
  const { status, headers } = response;
  return { status, headers, body, log, gas: bill.gas, trap: trap?.message, exit };
}

/**
 * Evaluates an expression in a handler and returns its value, converted to JSON and back. The expression may use `await` and
 * `request`.
 * @param before statements at the top level of the module
 */
export async function evaluate(
  expression: string,
  before = '',
  request?: Request | string,
): Promise<unknown> {
  const { body, log, trap } = await ask(
    `${before}; export default { async fetch(request) { return Response.json({ value: ${expression} }) } }`,
    request,
    { limits: { gas: 2_000_000_000, memoryPages: 1024, wallMs: 60_000 } },
  );
  assert.deepEqual([log.map(({ text }) => text), trap], [[], undefined]);
  const { value }: { value?: unknown } = JSON.parse(body);
  return value;
}
