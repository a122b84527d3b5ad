/** The module `trisiel`: resources behind URLs, the log, the configuration. */
import { encodeText, joinBytes, viewOf } from './bytes.ts';
import { host } from './host.ts';
import { configuration } from './http/cgi.ts';

const PIECE_BYTES = 16_384;
const END_OF_FILE = -5;

/** An opened URL. */
export class Resource {
  readonly url: string;
  #fd: number | undefined;

  constructor(url: string, fd: number) {
    this.url = url;
    this.#fd = fd;
  }

  get #open(): number {
    if (this.#fd === undefined) throw new TypeError(`${this.url} is closed`);
    return this.#fd;
  }

  /** Waits for up to `size` bytes. Returns null at the end. */
  read(size = PIECE_BYTES): Uint8Array<ArrayBuffer> | null {
    const piece = host().readFrom(this.#open, size);
    if (typeof piece !== 'number') return piece;
    if (piece === END_OF_FILE) return null;
    throw new TypeError(`${this.url} cannot be read`);
  }

  /** Reads to the end. */
  readAll(): Uint8Array<ArrayBuffer> {
    const parts: Uint8Array[] = [];
    for (let part = this.read(); part !== null && part.length > 0; part = this.read()) {
      parts.push(part);
    }
    return joinBytes(parts);
  }

  /** Writes all of the data. */
  write(data: string | ArrayBuffer | ArrayBufferView): void {
    const bytes = viewOf(data) ?? encodeText(String(data));
    if (host().writeTo(this.#open, bytes) !== 0) {
      throw new TypeError(`${this.url} cannot be written`);
    }
  }

  flush(): void {
    if (host().flush(this.#open) < 0) throw new TypeError(`${this.url} cannot be flushed`);
  }

  close(): void {
    if (this.#fd === undefined) return;
    host().close(this.#fd);
    this.#fd = undefined;
  }
}

/** Throws a TypeError if the URL cannot be opened. A URL that the policy refuses stops the handler. */
export function open(url: string): Resource {
  const fd = host().open(String(url));
  if (fd < 0) throw new TypeError(`${String(url)} cannot be opened`);
  return new Resource(String(url), fd);
}

/** Adds a line to the log: level 1 is an error, 3 a warning, 6 information. */
export function log(level: number, text: string): void {
  host().log(level, String(text));
}

/** The configuration, by name. It can be read only while a request is handled. */
export const env: Readonly<Record<string, string>> = new Proxy<Record<string, string>>(
  {},
  {
    get: (_, name) => (typeof name === 'string' ? configuration()[name] : undefined),
    has: (_, name) => name in configuration(),
    ownKeys: () => Object.keys(configuration()),
    getOwnPropertyDescriptor: (_, name) => Object.getOwnPropertyDescriptor(configuration(), name),
  },
);
