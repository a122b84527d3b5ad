/** Blob and File: bytes with a type. They are in memory. */
import { encodeText, joinBytes, viewOf } from '../bytes.ts';
import { TextDecoder } from '../language/encoding.ts';
import { ReadableStream } from '../streams/readable.ts';

export interface BlobOptions {
  type?: string;
  endings?: 'transparent' | 'native';
}

/** A type with other characters is replaced by the empty one. */
const TYPE = /^[\x20-\x7e]*$/;

/** Private to this folder: the bytes of a blob, not copied. */
export let bytesOf: (blob: Blob) => Uint8Array<ArrayBuffer>;
let share: (bytes: Uint8Array<ArrayBuffer>, type: string) => Blob;

export class Blob {
  #bytes: Uint8Array<ArrayBuffer>;
  #type: string;

  constructor(parts: Iterable<unknown> = [], options: BlobOptions = {}) {
    if (typeof parts !== 'object' || parts === null || !(Symbol.iterator in parts)) {
      throw new TypeError('A Blob is made of an array of parts');
    }
    const isNative = options.endings === 'native';
    this.#bytes = joinBytes(Array.from(parts, (part) => partBytes(part, isNative)));
    this.#type = checkType(options.type);
  }

  static {
    bytesOf = (blob) => blob.#bytes;
    share = (bytes, type) => {
      const blob = new Blob();
      blob.#bytes = bytes;
      blob.#type = type;
      return blob;
    };
  }

  get size(): number {
    return this.#bytes.length;
  }

  get type(): string {
    return this.#type;
  }

  /** Shares the bytes, which never change. */
  slice(start = 0, end = this.size, type = ''): Blob {
    return share(this.#bytes.subarray(start, end), checkType(type));
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#bytes.slice();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(this.#bytes);
  }

  stream(): ReadableStream {
    const bytes = this.#bytes.slice();
    return new ReadableStream(
      {
        pull: (controller) => {
          if (bytes.length > 0) controller.enqueue(bytes);
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  get [Symbol.toStringTag](): string {
    return 'Blob';
  }
}

export interface FileOptions extends BlobOptions {
  lastModified?: number;
}

export class File extends Blob {
  readonly name: string;
  #lastModified: number | undefined;

  constructor(parts: Iterable<unknown>, name: string, options: FileOptions = {}) {
    super(parts, options);
    this.name = String(name).toWellFormed();
    this.#lastModified =
      options.lastModified === undefined ? undefined : Math.trunc(Number(options.lastModified));
  }

  /** The given time, or that of the first access, because the top level of a module has no clock. */
  get lastModified(): number {
    this.#lastModified ??= Date.now();
    return this.#lastModified;
  }

  override get [Symbol.toStringTag](): string {
    return 'File';
  }
}

function checkType(type: unknown): string {
  const text = type === undefined ? '' : String(type);
  return TYPE.test(text) ? text.toLowerCase() : '';
}

function partBytes(part: unknown, isNative: boolean): Uint8Array<ArrayBuffer> {
  if (part instanceof Blob) return bytesOf(part);
  const view = viewOf(part);
  if (view !== undefined) return view;
  const text = String(part);
  return encodeText(isNative ? text.replaceAll(/\r\n?/g, '\n') : text);
}
