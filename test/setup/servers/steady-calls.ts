/** Calls of a handler at a steady pace, each on a connection of its own, however long the others take. */
import { Agent } from 'node:http';
import type { TestContext } from 'node:test';
import { atEnd } from '../at-end.ts';
import { callOnce, pause } from './fault-load.ts';

interface SteadyCall {
  readonly beganAt: number;
  readonly endedAt: number;
  /** Undefined if the answer was whole. */
  readonly failure: string | undefined;
}

/** A time in which a process was on its way out, by `performance.now()`. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export class SteadyCalls {
  /** Executions whose answers were whole. */
  readonly ids: string[] = [];
  readonly #calls: SteadyCall[] = [];
  readonly #agent = new Agent({ keepAlive: false });
  readonly #done: Promise<unknown>;
  #isOver = false;

  /** Ends with the test. */
  constructor(t: TestContext, url: string, everyMs: number) {
    this.#done = this.#callOn(url, everyMs);
    atEnd(t, () => this.stop());
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  /** Failures of calls that were under way in none of the windows. */
  failuresOutside(windows: readonly Window[]): string[] {
    return this.#calls.flatMap(({ beganAt, endedAt, failure }) =>
      failure === undefined || windows.some(({ from, to }) => beganAt <= to && endedAt >= from)
        ? []
        : [failure],
    );
  }

  /** Failures of all calls. */
  failures(): string[] {
    return this.#calls.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  }

  /** Number of calls that began and ended well in a window. */
  wholeIn({ from, to }: Window): number {
    return this.#calls.filter(
      ({ beganAt, endedAt, failure }) => failure === undefined && beganAt >= from && endedAt <= to,
    ).length;
  }

  async #callOn(url: string, everyMs: number): Promise<void> {
    const all: Promise<void>[] = [];
    while (!this.#isOver) {
      all.push(this.#call(url));
      await pause(everyMs);
    }
    await Promise.all(all);
  }

  async #call(url: string): Promise<void> {
    const beganAt = performance.now();
    let failure: string | undefined;
    try {
      const { id } = await callOnce(url, this.#agent);
      this.ids.push(id);
    } catch (error) {
      failure = String(error);
    }
    this.#calls.push({ beganAt, endedAt: performance.now(), failure });
  }
}
