/** Asynchronous calls as a caller makes them: sent, then polled. */
import assert from 'node:assert/strict';

/** WebAssembly text that writes a reply, or its beginning. */
export const say = (text: string): string => `(call $show "Content-Type: text/plain\\n\\n${text}")`;

export interface View {
  readonly id: string;
  readonly url: string;
  readonly status: string;
  readonly attempts: readonly {
    readonly executionId: string;
    readonly attempt: number;
    readonly status: string;
    readonly exitCode: number | null;
    readonly startedAt: string;
  }[];
  readonly response?: { readonly status: number; readonly body?: string };
}

/** Reads the call's state from a response. */
export async function read(answer: Response): Promise<View> {
  const view: View = JSON.parse(await answer.text());
  return view;
}

/** Polls a call until its state is as wanted. */
export async function follow(url: string, isWanted: (view: View) => boolean): Promise<View> {
  const until = performance.now() + 60_000;
  for (;;) {
    const view = await read(await fetch(url));
    if (isWanted(view)) return view;
    assert.ok(performance.now() < until, `the call stayed ${JSON.stringify(view)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export const isOver = ({ status }: View): boolean => status !== 'queued' && status !== 'running';
export const ASYNC = { prefer: 'respond-async' };

/** Settings for a test's database: on PostgreSQL the queue has its own connection. */
export function environmentOf(databaseUrl: string | undefined) {
  return databaseUrl === undefined ? {} : { environment: { DATABASE_URL: databaseUrl } };
}
