/** The primitives that the engine provides to this layer (../engine/primitives.h). Handlers cannot access them. */
export interface Primitives {
  /** Up to `size` bytes of standard input; null at its end. */
  read(size: number): Uint8Array<ArrayBuffer> | null;
  /** Writes to standard output. Returns whether everything was written. */
  write(data: Uint8Array | string): boolean;
  log(level: number, text: string): void;
  /** Returns the variables as `NAME=value`. */
  environment(): string[];
  /** Returns one variable. */
  variable(name: string): string | undefined;
  random(into: Uint8Array): void;
  /** Milliseconds since the request began. */
  monotonic(): number;
  sleep(ms: number): void;
  /** Ends the run so that the caller sees an incomplete response. */
  breakOff(): never;
  /** False before the snapshot is taken. */
  isAnswering(): boolean;
  /** Returns a descriptor, or a negative error code. */
  open(url: string): number;
  readFrom(fd: number, size: number): Uint8Array<ArrayBuffer> | number;
  /** Returns 0, or a negative error code. */
  writeTo(fd: number, data: Uint8Array | string): number;
  flush(fd: number): number;
  close(fd: number): void;
  /** Encodes a text without lone surrogates as UTF-8. */
  encode(text: string): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array): string;
  /** Returns the number of bytes at the start that are well-formed UTF-8. */
  validUtf8(bytes: Uint8Array): number;
  /** Whether a header can have this value: bytes, no line breaks, no zero. */
  isFieldValue(text: string): boolean;
  /** Scheme, host, port (may be empty), path and query (may be null) of a URL that is written as it is serialized. */
  splitUrl(
    text: string,
  ): [scheme: string, host: string, port: string, path: string, query: string | null] | undefined;
  /** Where the part is in the bytes, at or after `from`; -1 if it is not there. */
  find(bytes: Uint8Array, part: Uint8Array, from: number): number;
  digest(bits: number, bytes: Uint8Array): Uint8Array<ArrayBuffer>;
}

let known: Primitives | undefined;

export function setHost(primitives: Primitives): void {
  known = primitives;
}

export function host(): Primitives {
  if (known === undefined) throw new Error('the engine is not prepared');
  return known;
}
