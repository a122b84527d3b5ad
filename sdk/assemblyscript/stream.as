// Streams: standard input, output and error, and resources opened by URL.
import * as raw from './raw';

/** Buffer size of one read, in bytes. */
const CHUNK: i32 = 4096;

/** An open descriptor. */
export class Stream {
  private line: Uint8Array = new Uint8Array(0);

  constructor(readonly fd: i32) {}

  /** Opens a URL. Returns null if the host cannot open it. A URL that the policy forbids ends the program. */
  static open(url: string): Stream | null {
    const bytes = encode(url);
    const fd = raw.resource_open(bytes.dataStart, bytes.length);
    return fd < 0 ? null : new Stream(fd);
  }

  /** Writes text as UTF-8. */
  write(text: string): void {
    this.writeBytes(encode(text));
  }

  /** Writes all the bytes. */
  writeBytes(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const written = raw.resource_write(this.fd, bytes.dataStart + at, bytes.length - at);
      if (written <= 0) throw new Error('write failed: ' + written.toString());
      at += written;
    }
  }

  /** Reads into the buffer. Returns the number of bytes read; 0 at the end. */
  read(into: Uint8Array): i32 {
    const length = raw.resource_read(this.fd, into.dataStart, into.length);
    return length > 0 ? length : 0;
  }

  /** Reads to the end. */
  readAll(): Uint8Array {
    let all = new Uint8Array(CHUNK);
    let length = 0;
    while (true) {
      if (length == all.length) {
        const larger = new Uint8Array(all.length * 2);
        larger.set(all);
        all = larger;
      }
      const got = raw.resource_read(this.fd, all.dataStart + length, all.length - length);
      if (got <= 0) return all.subarray(0, length);
      length += got;
    }
  }

  /** Reads to the end, as text. */
  readText(): string {
    return decode(this.readAll());
  }

  /** Reads the next line, without its line feed; null if there are no more. */
  readLine(): string | null {
    let ahead = this.line;
    while (true) {
      const end = ahead.indexOf(0x0a);
      if (end >= 0) {
        this.line = ahead.slice(end + 1);
        return decode(ahead.subarray(0, end));
      }
      const chunk = new Uint8Array(CHUNK);
      const got = this.read(chunk);
      if (got == 0) {
        this.line = new Uint8Array(0);
        return ahead.length > 0 ? decode(ahead) : null;
      }
      const joined = new Uint8Array(ahead.length + got);
      joined.set(ahead);
      joined.set(chunk.subarray(0, got), ahead.length);
      ahead = joined;
    }
  }

  /** Flushes the host's buffer. */
  flush(): void {
    raw.resource_flush(this.fd);
  }

  close(): void {
    raw.resource_close(this.fd);
  }
}

/** Encodes text as UTF-8. */
export function encode(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

/** Decodes UTF-8. */
export function decode(bytes: Uint8Array): string {
  return String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
}

// Each is opened on first use.
// @ts-ignore: decorator
@lazy export const stdin: Stream = new Stream(raw.io_get_stdin());
// @ts-ignore: decorator
@lazy export const stdout: Stream = new Stream(raw.io_get_stdout());
// @ts-ignore: decorator
@lazy export const stderr: Stream = new Stream(raw.io_get_stderr());
