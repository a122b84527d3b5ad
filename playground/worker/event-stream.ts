/**
 * Batches a run's events, so that a guest that writes byte by byte sends one message per frame, not per byte.
 * Buffered chunks of the same stream are joined. Order is kept within each stream and within the log.
 */
import type { RunEvent } from './worker-api.ts';

/** About one frame: events within it are sent together. The first event after a pause is sent immediately. */
const FRAME_MS = 16;

type Chunk = Extract<RunEvent, { readonly bytes: Uint8Array }>;

export class EventStream {
  readonly #post: (events: readonly RunEvent[]) => void;
  #waiting: RunEvent[] = [];
  /** Buffered chunks of each stream, and the index in `waiting` of the joined chunk. */
  #chunks = new Map<Chunk['type'], { readonly at: number; readonly bytes: Uint8Array[] }>();
  #sentAtMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(post: (events: readonly RunEvent[]) => void) {
    this.#post = post;
  }

  add(event: RunEvent): void {
    const chunks = 'bytes' in event ? this.#chunks.get(event.type) : undefined;
    if ('bytes' in event && chunks !== undefined) {
      chunks.bytes.push(event.bytes);
    } else {
      if ('bytes' in event) {
        this.#chunks.set(event.type, { at: this.#waiting.length, bytes: [event.bytes] });
      }
      this.#waiting.push(event);
    }
    // A guest that never yields to the event loop prevents the timer from firing, so check the clock as well.
    const waitMs = this.#sentAtMs + FRAME_MS - performance.now();
    if (waitMs <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), waitMs);
  }

  /** Sends the remaining events. */
  close(): void {
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sentAtMs = performance.now();
    if (this.#waiting.length === 0) return;
    const events = this.#waiting;
    for (const [type, { at, bytes }] of this.#chunks) events[at] = { type, bytes: join(bytes) };
    this.#waiting = [];
    this.#chunks.clear();
    this.#post(events);
  }
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
