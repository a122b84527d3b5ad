/** Calls a handler at a steady pace, each on its own connection, independently of how long others take. */
import { Agent } from 'node:http';
import type { TestContext } from 'node:test';
import { atEnd } from '../at-end.ts';
import { callOnce, pause } from './fault-load.ts';

interface SteadyCall {
  readonly beganAt: number;
  readonly endedAt: number;
  /** Undefined if the answer was complete. */
  readonly failure: string | undefined;
}

/** A time during which a process was ending, by `performance.now()`. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export class SteadyCalls {
  /** Executions whose answers were complete. */
  readonly ids: string[] = [];
  readonly #calls: SteadyCall[] = [];
  readonly #agent = new Agent({ keepAlive: false });
  readonly #done: Promise<unknown>;
  #isOver = false;

  /** Calls until the test ends. */
  constructor(t: TestContext, url: string, everyMs: number) {
    this.#done = this.#callOn(url, everyMs);
    atEnd(t, () => this.stop());
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  /** Returns failures of calls that did not overlap with a window. */
  failuresOutside(windows: readonly Window[]): string[] {
    return this.#calls.flatMap(({ beganAt, endedAt, failure }) =>
      failure === undefined || windows.some(({ from, to }) => beganAt <= to && endedAt >= from)
        ? []
        : [failure],
    );
  }

  /** Returns failures of all calls. */
  failures(): string[] {
    return this.#calls.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  }

  /** Returns the number of calls that began and succeeded within a window. */
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
