/** URLSearchParams. */
import { formDecode, formEncode } from './percent.ts';

type Init = string | Iterable<readonly string[]> | Readonly<Record<string, string>>;

export class URLSearchParams {
  #list: [string, string][] = [];
  #onChange: (() => void) | undefined;

  constructor(init: Init = '', onChange?: () => void) {
    this.#onChange = typeof onChange === 'function' ? onChange : undefined;
    if (typeof init === 'object' && init !== null) {
      const pairs = Symbol.iterator in init ? init : Object.entries(init);
      for (const pair of pairs as Iterable<Iterable<string>>) {
        const [name, value, ...more] = pair;
        if (name === undefined || value === undefined || more.length > 0) {
          throw new TypeError('URLSearchParams: each pair has a name and a value');
        }
        this.#list.push([toText(name), toText(value)]);
      }
    } else this.replace(toText(init).replace(/^\?/, ''));
  }

  /** Replaces the pairs by those of a query, without updating the URL. */
  replace(query: string): void {
    this.#list = query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const at = pair.indexOf('=');
        return at < 0
          ? [formDecode(pair), '']
          : [formDecode(pair.slice(0, at)), formDecode(pair.slice(at + 1))];
      });
  }

  get size(): number {
    return this.#list.length;
  }

  append(name: string, value: string): void {
    this.#list.push([toText(name), toText(value)]);
    this.#onChange?.();
  }

  delete(name: string, value?: string): void {
    this.#list = this.#list.filter(
      ([key, own]) => key !== toText(name) || (value !== undefined && own !== toText(value)),
    );
    this.#onChange?.();
  }

  get(name: string): string | null {
    return this.#list.find(([key]) => key === toText(name))?.[1] ?? null;
  }

  getAll(name: string): string[] {
    return this.#list.filter(([key]) => key === toText(name)).map(([, value]) => value);
  }

  has(name: string, value?: string): boolean {
    return this.#list.some(
      ([key, own]) => key === toText(name) && (value === undefined || own === toText(value)),
    );
  }

  set(name: string, value: string): void {
    const first = this.#list.find(([key]) => key === toText(name));
    if (first === undefined) this.#list.push([toText(name), toText(value)]);
    else {
      first[1] = toText(value);
      this.#list = this.#list.filter((pair) => pair === first || pair[0] !== first[0]);
    }
    this.#onChange?.();
  }

  sort(): void {
    this.#list.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
    this.#onChange?.();
  }

  forEach(
    visit: (value: string, name: string, all: URLSearchParams) => void,
    self?: unknown,
  ): void {
    for (const [name, value] of this.#list) visit.call(self, value, name, this);
  }

  *entries(): IterableIterator<[string, string]> {
    for (const [name, value] of this.#list) yield [name, value];
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.#list) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.#list) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  toString(): string {
    return this.#list.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join('&');
  }
}

const toText = (value: unknown): string => String(value).toWellFormed();
