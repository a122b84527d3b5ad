/** The module `trisiel`, which handlers can import. The web APIs are globals; `lib` in tsconfig.json has their types. */
declare module 'trisiel' {
  /** The configuration of the handler, by name. It can be read only while a request is handled. */
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
    /** Writes all of the data. */
    write(data: string | ArrayBuffer | ArrayBufferView): void;
    flush(): void;
    close(): void;
  }

  /** Throws a TypeError if the URL cannot be opened. A URL that the policy refuses stops the handler. */
  export function open(url: string): Resource;

  /** The default export of a handler. */
  export interface Handler {
    /**
     * Handles a request. The path of its URL is the part after the handler's name. @param env the configuration
     */
    fetch(
      request: Request,
      env: Readonly<Record<string, string | undefined>>,
      context: Context,
    ): Response | Promise<Response>;
  }

  export interface Context {
    /** Keeps the handler running after the response until the promise settles. */
    waitUntil(promise: Promise<unknown>): void;
  }
}
