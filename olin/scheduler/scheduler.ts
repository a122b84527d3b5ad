/**
 * Many guests in one process: who may start, and whose turn it is.
 *
 * A guest is admitted when the memory it begins with fits and its owner's share allows it; else it waits in a queue of
 * bounded length, and past that it is refused. Running guests give up the processor after each slice of gas; one of them
 * goes on per round of the event loop. Owners take turns, and the handlers of each, so that an owner with a thousand runs
 * gets no more of it than one with a single run.
 *
 * An owner may hold as much memory as stays free: half of it alone, a third beside another who does the same, 1/(n + 1)
 * beside n. So there is always room for an owner who comes next, however long those before sleep. The first guest of an
 * owner needs no share, since it could otherwise never run. Places in the queue are shared by the same rule.
 */
import { FairQueue } from './fair-queue.ts';
import type { Platform, StopSignal } from '../types.ts';

export interface SchedulerOptions {
  readonly platform: Platform;
  /** 64 KiB pages that all running guests may have together. */
  readonly memoryPages: number;
  /** Guests that may wait to be admitted. */
  readonly queueLength: number;
}

/** The queue is full, or the owner's part of it; the message says what to do. */
export class SchedulerFull extends Error {
  /** @param whose who has these guests that wait */
  constructor(waiting: number, whose: 'all' | 'owner') {
    super(
      whose === 'all'
        ? `All memory for guests is in use, and ${waiting} wait for it already. Try again in a moment.`
        : `The owner’s functions hold their share of the memory for guests, and ${waiting} of their runs wait already. Try again in a moment.`,
    );
    this.name = 'SchedulerFull';
  }
}

/** A guest's place among the running ones. */
export interface Ticket {
  /** Waits for this guest's next turn. */
  readonly turn: () => Promise<void>;
  /** Asks for more pages; false if there are none, or none for its owner, and nothing is changed. */
  readonly grow: (pages: number) => boolean;
  /** Gives everything back. To be called once, when the guest has ended. */
  readonly release: () => void;
}

interface Waiting {
  readonly pages: number;
  readonly admit: () => void;
}

/** What one owner's guests hold. */
interface Holding {
  pages: number;
  running: number;
  waiting: number;
}

export class Scheduler {
  readonly #platform: Platform;
  readonly #memoryPages: number;
  readonly #queueLength: number;
  readonly #waiting = new FairQueue<Waiting>();
  readonly #turns = new FairQueue<() => void>();
  /** Owners that hold anything. */
  readonly #holdings = new Map<string, Holding>();
  #usedPages = 0;
  #running = 0;
  #dealing = false;
  /** Whether an owner with nothing waits for memory: nobody slips past it for ever. */
  #isReserved = false;

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

  /** Admits a guest that begins with `pages` pages; undefined if it would have to wait. */
  admitNow(owner: string, handler: string, pages: number): Ticket | undefined {
    const holding = this.#holdings.get(owner);
    if (this.#isReserved || (holding !== undefined && holding.waiting > 0)) return undefined;
    if (!this.#fits(holding, pages)) return undefined;
    const own = holding ?? this.#hold(owner);
    this.#take(own, pages);
    return this.#makeTicket(owner, handler, own, pages);
  }

  /**
   * Admits a guest at once or when there is room. Throws {@link SchedulerFull}; rejects with the signal's reason when it
   * aborts while the guest waits.
   */
  async admit(owner: string, handler: string, pages: number, signal?: StopSignal): Promise<Ticket> {
    const ticket = this.admitNow(owner, handler, pages);
    if (ticket !== undefined) return ticket;
    const free = this.#queueLength - this.#waiting.size;
    if (free <= 0 || pages > this.#memoryPages) throw new SchedulerFull(this.#queueLength, 'all');
    const waiting = this.#holdings.get(owner)?.waiting ?? 0;
    if (waiting > 0 && waiting + 1 > free) throw new SchedulerFull(waiting, 'owner');
    return this.#makeTicket(
      owner,
      handler,
      await this.#wait({ owner, handler, pages }, signal),
      pages,
    );
  }

  #fits(holding: Holding | undefined, more: number): boolean {
    const free = this.#memoryPages - this.#usedPages - more;
    if (free < 0) return false;
    return holding === undefined || holding.running === 0 || holding.pages + more <= free;
  }

  #hold(owner: string): Holding {
    let holding = this.#holdings.get(owner);
    if (holding === undefined) {
      holding = { pages: 0, running: 0, waiting: 0 };
      this.#holdings.set(owner, holding);
    }
    return holding;
  }

  #take(holding: Holding, pages: number): void {
    this.#usedPages += pages;
    this.#running++;
    holding.pages += pages;
    holding.running++;
  }

  #letGo(owner: string, { running, waiting }: Holding): void {
    if (running === 0 && waiting === 0) this.#holdings.delete(owner);
  }

  #wait(
    { owner, handler, pages }: { owner: string; handler: string; pages: number },
    signal: StopSignal | undefined,
  ): Promise<Holding> {
    return new Promise((resolve, reject) => {
      const holding = this.#hold(owner);
      const cancel = (): void => {
        if (!this.#waiting.remove(owner, handler, waiting)) return;
        holding.waiting--;
        this.#letGo(owner, holding);
        reject(signal?.reason);
        this.#admitWaiting();
      };
      const waiting: Waiting = {
        pages,
        admit: () => {
          signal?.removeEventListener('abort', cancel);
          holding.waiting--;
          this.#take(holding, pages);
          resolve(holding);
        },
      };
      if (signal?.aborted === true) {
        this.#letGo(owner, holding);
        reject(signal.reason);
        return;
      }
      holding.waiting++;
      this.#waiting.add(owner, handler, waiting);
      this.#isReserved ||= holding.running === 0;
      signal?.addEventListener('abort', cancel);
    });
  }

  /** Admits whoever now may start. Owners past their share are passed over; those with nothing keep the room they need. */
  #admitWaiting(): void {
    while (this.#waiting.size > 0) {
      this.#isReserved = false;
      const next = this.#findNext();
      if (next === undefined) return;
      this.#waiting.takeFrom(next)?.admit();
    }
    this.#isReserved = false;
  }

  #findNext(): string | undefined {
    for (const [owner, { pages }] of this.#waiting.heads()) {
      const holding = this.#holdings.get(owner);
      if (this.#fits(holding, pages)) return owner;
      if (holding !== undefined && holding.running > 0) continue;
      this.#isReserved = true;
      return undefined;
    }
    return undefined;
  }

  #makeTicket(owner: string, handler: string, holding: Holding, initialPages: number): Ticket {
    let pages = initialPages;
    let released = false;
    return {
      turn: () =>
        new Promise((resolve) => {
          this.#turns.add(owner, handler, resolve);
          if (!this.#dealing) void this.#deal();
        }),
      grow: (more) => {
        if (released || !this.#mayGrow(holding, more)) return false;
        pages += more;
        holding.pages += more;
        this.#usedPages += more;
        return true;
      },
      release: () => {
        if (released) return;
        released = true;
        this.#running--;
        this.#usedPages -= pages;
        holding.running--;
        holding.pages -= pages;
        this.#letGo(owner, holding);
        if (this.#waiting.size > 0) this.#admitWaiting();
      },
    };
  }

  /** The only guest of an owner may grow into all that is free. */
  #mayGrow(holding: Holding, more: number): boolean {
    const free = this.#memoryPages - this.#usedPages - more;
    return free >= 0 && (holding.running === 1 || holding.pages + more <= free);
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
