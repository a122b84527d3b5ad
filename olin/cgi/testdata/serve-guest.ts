/** Serves guests written in JavaScript, for tests. */
import assert from 'node:assert/strict';
import { nodePlatform } from '../../platform/node.ts';
import { serveWith } from '../serve.ts';
import type { RunOptions, RunResult, Served, ServeOptions } from '../../types.ts';

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
export const HEADER = 'Content-Type: text/plain\n\n';

/** A guest in JavaScript. Its return value is its exit status; an error that it throws is its trap. */
export type JsGuest = (guest: {
  readonly options: RunOptions;
  readonly env: (name: string) => string | undefined;
  readonly print: (text: string) => Promise<void>;
}) => Promise<number | void>;

/** Replaces `run`: ends the guest when the signal aborts, and returns a result like that of `run`. */
function runner(guest: JsGuest): (options: RunOptions) => Promise<RunResult> {
  return async (options) => {
    const aborted = new Promise<never>((_, reject) => {
      options.signal?.addEventListener('abort', () => reject(new Error('cancelled')));
    });
    const env = (name: string) => options.variables?.get(name) ?? options.env?.[name];
    const print = async (text: string): Promise<void> => {
      // Each system call of a real guest checks this too.
      if (options.signal?.aborted === true) throw new Error('cancelled');
      await options.stdout?.(encode(text));
    };
    let exit: number | null = null;
    let trap: RunResult['trap'];
    try {
      exit = (await Promise.race([guest({ options, env, print }), aborted])) ?? 0;
    } catch (error) {
      const message = error instanceof Error ? error.message : 'thrown';
      trap = { code: message === 'cancelled' ? 'cancelled' : 'trap', message, backtrace: [] };
    }
    const nothing = new Uint8Array(0);
    return {
      exit,
      ...(trap === undefined ? {} : { trap }),
      output: nothing,
      errorOutput: nothing,
      log: [],
      trace: [],
      bill: { gas: 0, memoryPages: 0, calls: {}, urls: [], bytesIn: 0, bytesOut: 0, wallMs: 0 },
    };
  };
}

export function serveGuest(
  guest: JsGuest,
  request: Request = new Request('http://example.com/path'),
  options: Partial<ServeOptions> = {},
): Promise<Served> {
  return serveWith(runner(guest), request, { platform: nodePlatform, ...options });
}

export async function responseOf(served: Promise<Served>): Promise<Response> {
  const settled = await served;
  return settled.ok ? settled.response : assert.fail(settled.fault.message);
}

export async function faultOf(served: Promise<Served>): Promise<{ code: string; message: string }> {
  const settled = await served;
  return settled.ok ? assert.fail('served') : settled.fault;
}
