/**
 * Many guests in one process: who may start, and whose turn it is.
 *
 * A guest is admitted when the memory it begins with fits; else it waits in a queue of bounded length, and past that it
 * is refused. Running guests give up the processor after each slice of gas; one of them goes on per round of the event
 * loop, handlers taking turns, so that a handler with a thousand runs gets no more of it than one with a single run.
 */
import { Rotation } from './rotation.ts';
import type { Platform, StopSignal } from './types.ts';

export interface SchedulerOptions {
  readonly platform: Platform;
  /** 64 KiB pages that all running guests may have together. */
  readonly memoryPages: number;
  /** Guests that may wait to be admitted. */
  readonly queueLength: number;
}

/** The queue is full; the message says what to do. */
export class SchedulerFull extends Error {
  constructor(queueLength: number) {
    super(
      `All memory for guests is in use, and ${queueLength} wait for it already. Try again in a moment.`,
    );
    this.name = 'SchedulerFull';
  }
}

/** A guest's place among the running ones. */
export interface Ticket {
  /** Waits for this guest's next turn. */
  readonly turn: () => Promise<void>;
  /** Asks for more pages; false where there are none, and nothing is changed. */
  readonly grow: (pages: number) => boolean;
  /** Gives everything back. To be called once, when the guest has ended. */
  readonly release: () => void;
}

interface Waiting {
  readonly pages: number;
  readonly admit: () => void;
}

export class Scheduler {
  readonly #platform: Platform;
  readonly #memoryPages: number;
  readonly #queueLength: number;
  readonly #waiting = new Rotation<Waiting>();
  readonly #turns = new Rotation<() => void>();
  #usedPages = 0;
  #running = 0;
  #dealing = false;

  constructor(options: SchedulerOptions) {
    this.#platform = options.platform;
    this.#memoryPages = options.memoryPages;
    this.#queueLength = options.queueLength;
  }

  get usedPages(): number {
    return this.#usedPages;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  /** Admits a guest of a handler that begins with `pages` pages; undefined where it would have to wait. */
  admitNow(handler: string, pages: number): Ticket | undefined {
    // Whoever waits goes first: a small guest does not slip past a large one for ever.
    if (this.#waiting.size > 0 || !this.#fits(pages)) return undefined;
    this.#usedPages += pages;
    this.#running++;
    return this.#makeTicket(handler, pages);
  }

  /**
   * Admits a guest at once or when there is room. Throws {@link SchedulerFull}; rejects with the signal's reason when it
   * aborts while the guest waits.
   */
  async admit(handler: string, pages: number, signal?: StopSignal): Promise<Ticket> {
    const ticket = this.admitNow(handler, pages);
    if (ticket !== undefined) return ticket;
    if (this.#waiting.size >= this.#queueLength || pages > this.#memoryPages) {
      throw new SchedulerFull(this.#queueLength);
    }
    await this.#wait(handler, pages, signal);
    this.#running++;
    return this.#makeTicket(handler, pages);
  }

  #fits(pages: number): boolean {
    return this.#usedPages + pages <= this.#memoryPages;
  }

  #wait(handler: string, pages: number, signal: StopSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        if (!this.#waiting.remove(handler, waiting)) return;
        reject(signal?.reason);
        this.#admitWaiting();
      };
      const waiting: Waiting = {
        pages,
        admit: () => {
          signal?.removeEventListener('abort', cancel);
          this.#usedPages += pages;
          resolve();
        },
      };
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      this.#waiting.add(handler, waiting);
      signal?.addEventListener('abort', cancel);
    });
  }

  #admitWaiting(): void {
    for (let next = this.#waiting.peek(); next !== undefined && this.#fits(next.pages);) {
      this.#waiting.take();
      next.admit();
      next = this.#waiting.peek();
    }
  }

  #makeTicket(handler: string, initialPages: number): Ticket {
    let pages = initialPages;
    let released = false;
    return {
      turn: () =>
        new Promise((resolve) => {
          this.#turns.add(handler, resolve);
          if (!this.#dealing) void this.#deal();
        }),
      grow: (more) => {
        if (released || !this.#fits(more)) return false;
        pages += more;
        this.#usedPages += more;
        return true;
      },
      release: () => {
        if (released) return;
        released = true;
        this.#running--;
        this.#usedPages -= pages;
        this.#admitWaiting();
      },
    };
  }

  /** Lets one guest go on per round of the event loop, as long as any wants to. */
  async #deal(): Promise<void> {
    this.#dealing = true;
    while (this.#turns.size > 0) {
      await this.#platform.turn();
      this.#turns.take()?.();
    }
    this.#dealing = false;
  }
}
