/** Continuous callers while processes and services are stopped, which record what was acknowledged. */
import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import type { TestContext } from 'node:test';
import { atEnd } from '../at-end.ts';

/** Maximum time until calls are answered again. The goal is 5 s; a machine that also runs other tests gets more. */
export const RECOVERY_MS = 60_000;
const CALLERS = 8;

/** A call that is neither answered nor aborted for this long counts as hung, which no fault excuses. */
const HANGS_MS = 30_000;

function expectNoneHung(failures: readonly string[]): void {
  const hung = failures.filter((each) => /^(Timeout|Abort)Error/.test(each));
  assert.equal(hung.length, 0, `${hung.length} calls were neither answered nor aborted`);
}

/** Calls without pause until it is stopped, and keeps the acknowledged executions. */
export class Load {
  readonly acknowledged: string[] = [];
  readonly failures: string[] = [];
  /** Body of the last answer. */
  lastText = '';
  #lastAnswerAt = 0;
  #isOver = false;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  readonly #done: Promise<unknown>;
  /** Number of callers whose first call was answered. */
  #served = 0;

  constructor(url: string) {
    this.#done = Promise.all(Array.from({ length: CALLERS }, () => this.#callOn(url)));
  }

  /** Resolves when each caller has had an answer, so that every process has loaded the handler. */
  async isKnown(): Promise<void> {
    const until = performance.now() + RECOVERY_MS;
    while (this.#served < CALLERS) {
      assert.ok(performance.now() < until, `not all were answered: ${this.failures.at(-1)}`);
      await pause(20);
    }
  }

  /** Stops. Rejects if a call hung. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
    this.#agent.destroy();
    expectNoneHung(this.failures);
  }

  /** Resolves to the milliseconds from `since` until the first successful answer after it. */
  async answersAfter(since: number): Promise<number> {
    while (this.#lastAnswerAt <= since) {
      assert.ok(
        performance.now() - since < RECOVERY_MS,
        `nobody answered; the last failures: ${this.failures.slice(-3).join('; ')}`,
      );
      await pause(20);
    }
    return this.#lastAnswerAt - since;
  }

  async #callOn(url: string): Promise<void> {
    let isServed = false;
    while (!this.#isOver) {
      try {
        const { id, text } = await callOnce(url, this.#agent);
        if (!isServed) this.#served += 1;
        isServed = true;
        this.acknowledged.push(id);
        this.lastText = text;
        this.#lastAnswerAt = performance.now();
      } catch (error) {
        this.failures.push(String(error));
        await pause(20);
      }
    }
  }
}

/** Calls a handler. Returns the execution's id when the answer is complete. */
export function callOnce(url: string, agent: Agent): Promise<{ id: string; text: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent, signal: AbortSignal.timeout(HANGS_MS) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const id = String(answer.headers['trisiel-execution']);
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200 && answer.complete) resolve({ id, text });
        else reject(new Error(`status ${answer.statusCode}: ${text}`));
      });
    }).on('error', reject);
  });
}

/** Starts callers that stop when the test ends. */
export function startLoad(t: TestContext, url: string): Load {
  const load = new Load(url);
  atEnd(t, () => load.stop());
  return load;
}

/** Sends a few asynchronous calls per second, and keeps the ids of the accepted ones. */
export class AsyncLoad {
  readonly accepted: string[] = [];
  readonly refused: { readonly status: number; readonly detail: string }[] = [];
  readonly #failures: string[] = [];
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(url: string) {
    this.#done = this.#sendOn(url);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
    expectNoneHung(this.#failures);
  }

  async #sendOn(url: string): Promise<void> {
    while (!this.#isOver) {
      try {
        const signal = AbortSignal.timeout(HANGS_MS);
        const answer = await fetch(url, { headers: { prefer: 'respond-async' }, signal });
        const body: { id?: string; detail?: string } = JSON.parse(await answer.text());
        if (answer.status === 202) this.accepted.push(String(body.id));
        else this.refused.push({ status: answer.status, detail: String(body.detail) });
      } catch (error) {
        // The call was aborted, so it was not acknowledged.
        this.#failures.push(String(error));
      }
      await pause(100);
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
