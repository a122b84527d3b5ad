/** Event and EventTarget, without bubbling. */

export class Event {
  readonly type: string;
  readonly cancelable: boolean;
  readonly bubbles: boolean;
  target: EventTarget | null = null;
  currentTarget: EventTarget | null = null;
  #isPrevented = false;
  #isStopped = false;

  constructor(type: string, init: { bubbles?: boolean; cancelable?: boolean } = {}) {
    this.type = String(type);
    this.bubbles = init.bubbles === true;
    this.cancelable = init.cancelable === true;
  }

  get defaultPrevented(): boolean {
    return this.#isPrevented;
  }

  preventDefault(): void {
    if (this.cancelable) this.#isPrevented = true;
  }

  stopPropagation(): void {}

  stopImmediatePropagation(): void {
    this.#isStopped = true;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }
}

export class CustomEvent extends Event {
  readonly detail: unknown;

  constructor(
    type: string,
    init: { bubbles?: boolean; cancelable?: boolean; detail?: unknown } = {},
  ) {
    super(type, init);
    this.detail = init.detail ?? null;
  }
}

type Listener = ((event: Event) => void) | { handleEvent(event: Event): void };

interface Registration {
  readonly listener: Listener;
  readonly once: boolean;
}

export class EventTarget {
  readonly #listeners = new Map<string, Registration[]>();

  addEventListener(
    type: string,
    listener: Listener | null,
    options: boolean | { once?: boolean; signal?: EventTarget & { aborted: boolean } } = {},
  ): void {
    if (listener === null) return;
    const { once = false, signal } = typeof options === 'object' ? options : {};
    if (signal?.aborted === true) return;
    const list = this.#listeners.get(type) ?? [];
    this.#listeners.set(type, list);
    if (list.some((each) => each.listener === listener)) return;
    list.push({ listener, once });
    signal?.addEventListener('abort', () => this.removeEventListener(type, listener));
  }

  removeEventListener(type: string, listener: Listener | null): void {
    const list = this.#listeners.get(type);
    if (list === undefined) return;
    this.#listeners.set(
      type,
      list.filter((each) => each.listener !== listener),
    );
  }

  dispatchEvent(event: Event): boolean {
    event.target = this;
    event.currentTarget = this;
    const handler: unknown = Reflect.get(this, `on${event.type}`);
    if (typeof handler === 'function') handler.call(this, event);
    for (const { listener, once } of this.#listeners.get(event.type)?.slice() ?? []) {
      if (event.isStopped) break;
      if (once) this.removeEventListener(event.type, listener);
      if (typeof listener === 'function') listener.call(this, event);
      else listener.handleEvent(event);
    }
    return !event.defaultPrevented;
  }
}
