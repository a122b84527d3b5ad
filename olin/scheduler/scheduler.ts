/**
 * Schedules many guests in one process: admission and turns.
 *
 * A guest is admitted if its initial memory fits and its owner's share allows it; else it waits in a queue of limited
 * length, and is rejected if the queue is full. Running guests yield after each slice of gas; one of them continues per
 * round of the event loop. Owners take turns, and so do the handlers of each owner, so that an owner with a thousand
 * runs gets no more turns than one with a single run.
 *
 * `shared-memory.ts` determines how much memory an owner may hold. Queue slots are shared by the same rule: an owner
 * may have as many as remain free.
 */
import { FairQueue } from './fair-queue.ts';
import { SharedMemory, type Held, type Part } from './shared-memory.ts';
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
        ? `All memory for guests is in use, and ${waiting} guests already wait for it. Try again in a moment.`
        : `The handlers of the owner hold their share of the memory for guests, and ${waiting} of their runs already wait. Try again in a moment.`,
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
  readonly admit: (part: Part) => void;
}

/** Resources held by one owner's guests. */
interface Holding extends Held {
  waiting: number;
}

/** A guest that was admitted. */
interface Admitted {
  readonly holding: Holding;
  readonly part: Part;
}

export class Scheduler {
  readonly #platform: Platform;
  readonly #memory: SharedMemory;
  readonly #queueLength: number;
  readonly #waiting = new FairQueue<Waiting>();
  readonly #turns = new FairQueue<() => void>();
  /** Owners that hold anything. */
  readonly #holdings = new Map<string, Holding>();
  #dealing = false;

  constructor(options: SchedulerOptions) {
    this.#platform = options.platform;
    this.#memory = new SharedMemory(options.memoryPages);
    this.#queueLength = options.queueLength;
  }

  get usedPages(): number {
    return this.#memory.usedPages;
  }

  get running(): number {
    return this.#memory.running;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  /** Admits a guest with `pages` initial pages; returns undefined if it would have to wait. */
  admitNow(owner: string, handler: string, pages: number): Ticket | undefined {
    const holding = this.#holdings.get(owner);
    if (holding !== undefined && holding.waiting > 0) return undefined;
    const part = this.#memory.findPart(holding, pages);
    if (part === undefined) return undefined;
    const own = holding ?? this.#hold(owner);
    this.#memory.begin(part, own, pages);
    return this.#makeTicket(owner, handler, pages, { holding: own, part });
  }

  /**
   * Admits a guest at once or when there is room. Throws {@link SchedulerFull} if the queue is full; rejects with the
   * signal's reason if it is aborted while the guest waits.
   */
  async admit(owner: string, handler: string, pages: number, signal?: StopSignal): Promise<Ticket> {
    const ticket = this.admitNow(owner, handler, pages);
    if (ticket !== undefined) return ticket;
    const free = this.#queueLength - this.#waiting.size;
    if (free <= 0 || pages > this.#memory.pages) throw new SchedulerFull(this.#queueLength, 'all');
    const waiting = this.#holdings.get(owner)?.waiting ?? 0;
    if (waiting > 0 && waiting + 1 > free) throw new SchedulerFull(waiting, 'owner');
    const admitted = await this.#wait({ owner, handler, pages }, signal);
    return this.#makeTicket(owner, handler, pages, admitted);
  }

  #hold(owner: string): Holding {
    let holding = this.#holdings.get(owner);
    if (holding === undefined) {
      holding = { pages: 0, running: 0, waiting: 0 };
      this.#holdings.set(owner, holding);
    }
    return holding;
  }

  #letGo(owner: string, { running, waiting }: Holding): void {
    if (running === 0 && waiting === 0) this.#holdings.delete(owner);
  }

  #wait(
    { owner, handler, pages }: { owner: string; handler: string; pages: number },
    signal: StopSignal | undefined,
  ): Promise<Admitted> {
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
        admit: (part) => {
          signal?.removeEventListener('abort', cancel);
          holding.waiting--;
          this.#memory.begin(part, holding, pages);
          resolve({ holding, part });
        },
      };
      if (signal?.aborted === true) {
        this.#letGo(owner, holding);
        reject(signal.reason);
        return;
      }
      holding.waiting++;
      this.#waiting.add(owner, handler, waiting);
      if (holding.running === 0) this.#memory.claimedPages ||= pages;
      signal?.addEventListener('abort', cancel);
    });
  }

  /**
   * Admits waiting guests. Owners past their share are skipped; the first without running guests has the next claim.
   */
  #admitWaiting(): void {
    while (this.#waiting.size > 0) {
      this.#memory.claimedPages = 0;
      const next = this.#findNext();
      if (next === undefined) return;
      this.#waiting.takeFrom(next.owner)?.admit(next.part);
    }
    this.#memory.claimedPages = 0;
  }

  #findNext(): { owner: string; part: Part } | undefined {
    for (const [owner, { pages }] of this.#waiting.heads()) {
      const holding = this.#holdings.get(owner);
      const part = this.#memory.findPart(holding, pages);
      if (part !== undefined) return { owner, part };
      if (holding === undefined || holding.running === 0) this.#memory.claimedPages ||= pages;
    }
    return undefined;
  }

  #makeTicket(
    owner: string,
    handler: string,
    initialPages: number,
    { holding, part }: Admitted,
  ): Ticket {
    let pages = initialPages;
    let released = false;
    return {
      turn: () =>
        new Promise((resolve) => {
          this.#turns.add(owner, handler, resolve);
          if (!this.#dealing) void this.#deal();
        }),
      grow: (more) => {
        if (released || !this.#memory.grow(part, holding, more)) return false;
        pages += more;
        return true;
      },
      release: () => {
        if (released) return;
        released = true;
        this.#memory.end(part, holding, pages);
        this.#letGo(owner, holding);
        if (this.#waiting.size > 0) this.#admitWaiting();
      },
    };
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
