/** FormData: the fields of a form, texts and files. */
import { Blob, bytesOf, File } from './blob.ts';

export type FormValue = string | File;

export class FormData {
  #fields: [name: string, value: FormValue][] = [];

  constructor(form?: unknown) {
    if (form !== undefined) throw new TypeError('FormData takes no form: there is no document');
  }

  append(name: string, value: unknown, filename?: string): void {
    this.#fields.push([toText(name), toValue(value, filename, arguments.length > 2)]);
  }

  set(name: string, value: unknown, filename?: string): void {
    const key = toText(name);
    const field: [string, FormValue] = [key, toValue(value, filename, arguments.length > 2)];
    const at = this.#fields.findIndex(([own]) => own === key);
    if (at < 0) this.#fields.push(field);
    else {
      this.#fields[at] = field;
      this.#fields = this.#fields.filter(([own], index) => own !== key || index === at);
    }
  }

  delete(name: string): void {
    const key = toText(name);
    this.#fields = this.#fields.filter(([own]) => own !== key);
  }

  get(name: string): FormValue | null {
    const key = toText(name);
    return this.#fields.find(([own]) => own === key)?.[1] ?? null;
  }

  getAll(name: string): FormValue[] {
    const key = toText(name);
    return this.#fields.filter(([own]) => own === key).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  forEach(visit: (value: FormValue, name: string, all: FormData) => void, self?: unknown): void {
    for (const [name, value] of this) visit.call(self, value, name, this);
  }

  *entries(): IterableIterator<[string, FormValue]> {
    for (const [name, value] of this.#fields) yield [name, value];
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.#fields) yield name;
  }

  *values(): IterableIterator<FormValue> {
    for (const [, value] of this.#fields) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, FormValue]> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return 'FormData';
  }
}

const toText = (value: unknown): string => String(value).toWellFormed();

function toValue(value: unknown, filename: unknown, isNamed: boolean): FormValue {
  if (!(value instanceof Blob)) {
    if (isNamed) throw new TypeError('FormData: only a Blob or a File has a file name');
    return toText(value);
  }
  if (value instanceof File && !isNamed) return value;
  const name = isNamed ? toText(filename) : 'blob';
  const { type } = value;
  return value instanceof File
    ? new File([bytesOf(value)], name, { type, lastModified: value.lastModified })
    : new File([bytesOf(value)], name, { type });
}
