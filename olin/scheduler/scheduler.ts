/**
 * Schedules many guests in one process: admission and turns.
 *
 * A guest is admitted if its initial memory fits and its owner's share allows it; else it waits in a queue of limited
 * length, and is rejected if the queue is full. Running guests yield after each slice of gas; one of them continues per
 * round of the event loop. Owners take turns, and so do the handlers of each owner, so that an owner with a thousand runs
 * gets no more turns than one with a single run.
 *
 * An owner may hold as much memory as remains free: half if alone, a third beside another owner at its maximum, and
 * 1/(n + 1) in general. So there is always room for the next owner, however long the others sleep. The first guest of an
 * owner needs no share, because it could otherwise never run. Queue slots are shared by the same rule.
 */
import { FairQueue } from './fair-queue.ts';
import type { Platform, StopSignal } from '../types.ts';

export interface SchedulerOptions {
  readonly platform: Platform;
  /** Total 64 KiB pages of all running guests. */
  readonly memoryPages: number;
  /** Maximum number of guests waiting for admission. */
  readonly queueLength: number;
}

/** The queue, or the owner's share of it, is full. The message says what to do. */
export class SchedulerFull extends Error {
  /** @param whose whether all waiting guests are counted, or the owner's */
  constructor(waiting: number, whose: 'all' | 'owner') {
    super(
      whose === 'all'
        ? `All memory for guests is in use, and ${waiting} wait for it already. Try again in a moment.`
        : `The owner’s functions hold their share of the memory for guests, and ${waiting} of their runs wait already. Try again in a moment.`,
    );
    this.name = 'SchedulerFull';
  }
}

/** Admission of one guest. */
export interface Ticket {
  /** Waits for this guest's next turn. */
  readonly turn: () => Promise<void>;
  /** Requests more pages. Returns false, and changes nothing, if none are free or the owner's share is used up. */
  readonly grow: (pages: number) => boolean;
  /** Releases everything. Call once, when the guest has ended. */
  readonly release: () => void;
}

interface Waiting {
  readonly pages: number;
  readonly admit: () => void;
}

/** Resources held by one owner's guests. */
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
  /** Whether an owner without running guests waits for memory, which is then reserved for it. */
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

  /** Admits a guest with `pages` initial pages; returns undefined if it would have to wait. */
  admitNow(owner: string, handler: string, pages: number): Ticket | undefined {
    const holding = this.#holdings.get(owner);
    if (this.#isReserved || (holding !== undefined && holding.waiting > 0)) return undefined;
    if (!this.#fits(holding, pages)) return undefined;
    const own = holding ?? this.#hold(owner);
    this.#take(own, pages);
    return this.#makeTicket(owner, handler, own, pages);
  }

  /**
   * Admits a guest at once or when there is room. Throws {@link SchedulerFull} if the queue is full; rejects with the
   * signal's reason if it is aborted while the guest waits.
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

  /** Admits waiting guests. Skips owners past their share; reserves room for owners without running guests. */
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

  /** An owner's only guest may use all free memory. */
  #mayGrow(holding: Holding, more: number): boolean {
    const free = this.#memoryPages - this.#usedPages - more;
    return free >= 0 && (holding.running === 1 || holding.pages + more <= free);
  }

  /** Continues one guest per round of the event loop until none waits for a turn. */
  async #deal(): Promise<void> {
    this.#dealing = true;
    while (this.#turns.size > 0) {
      await this.#platform.turn();
      this.#turns.take()?.();
    }
    this.#dealing = false;
  }
}
