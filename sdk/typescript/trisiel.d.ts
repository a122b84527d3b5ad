/** What handlers import from Trisiel itself. The web APIs are globals; `lib` in tsconfig.json has their types. */
declare module 'trisiel' {
  /** The configuration of the handler, by name. It can be read when a request is answered. */
  export const env: Readonly<Record<string, string | undefined>>;

  /** Adds a line to the log: level 1 is an error, 3 a warning, 6 information. */
  export function log(level: number, text: string): void;

  /** An opened URL, such as `log://` or `https://example.com/`. */
  export interface Resource {
    readonly url: string;
    /** Waits for up to `size` bytes (default 16,384). Returns null at the end. */
    read(size?: number): Uint8Array<ArrayBuffer> | null;
    /** Reads to the end. */
    readAll(): Uint8Array<ArrayBuffer>;
    /** Writes all of it. */
    write(data: string | ArrayBuffer | ArrayBufferView): void;
    flush(): void;
    close(): void;
  }

  /** Throws a TypeError if the URL cannot be opened. A URL that the policy refuses stops the handler. */
  export function open(url: string): Resource;

  /** The default export of a handler. */
  export interface Handler {
    /**
     * Answers a request. The path of its URL is what follows the handler's name.
     * @param env the configuration
     */
    fetch(
      request: Request,
      env: Readonly<Record<string, string | undefined>>,
      context: Context,
    ): Response | Promise<Response>;
  }

  export interface Context {
    /** Keeps the run going until the promise settles, after the reply. */
    waitUntil(promise: Promise<unknown>): void;
  }
}
