/** Bodies of requests and responses. */
import { encodeText, joinBytes, viewOf } from '../bytes.ts';
import { Blob, bytesOf } from '../files/blob.ts';
import { FormData } from '../files/form-data.ts';
import { decodeForm, encodeForm } from '../files/multipart.ts';
import { TextDecoder } from '../language/encoding.ts';
import { ReadableStream } from '../streams/readable.ts';
import { URLSearchParams } from '../url/search-params.ts';
import type { Headers } from './headers.ts';
import { ByteSource } from './source.ts';

export type BodyInit =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | ReadableStream
  | URLSearchParams
  | Blob
  | FormData
  | null
  | undefined;

/** A body in its original form. It is converted to a stream only if it is read as one. */
export type Content = string | Uint8Array<ArrayBuffer> | ByteSource | ReadableStream | null;

/** Adds the Content-Type for the kind of body, unless there is one. */
export function takeBody(body: BodyInit, headers: Headers): Content {
  if (body === null || body === undefined) return null;
  if (typeof body === 'string') return withType(body, headers, 'text/plain;charset=UTF-8');
  if (body instanceof ReadableStream) {
    if (body.locked) throw new TypeError('The stream of the body is locked');
    return body;
  }
  if (body instanceof URLSearchParams) {
    return withType(String(body), headers, 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  if (body instanceof Blob) {
    if (body.type !== '') setType(headers, body.type);
    return bytesOf(body).slice();
  }
  if (body instanceof FormData) {
    const { bytes, type } = encodeForm(body);
    setType(headers, type);
    return bytes;
  }
  const bytes = viewOf(body);
  if (bytes !== undefined) return bytes.slice();
  return withType(String(body), headers, 'text/plain;charset=UTF-8');
}

function withType(text: string, headers: Headers, type: string): string {
  setType(headers, type);
  return text;
}

function setType(headers: Headers, type: string): void {
  if (!headers.has('content-type')) headers.set('content-type', type);
}

/** The common part of Request and Response. */
export abstract class Body {
  abstract readonly headers: Headers;
  #content: Content;
  #stream: ReadableStream | undefined;
  #isUsed = false;

  constructor(content: Content) {
    this.#content = content;
  }

  get body(): ReadableStream | null {
    if (this.#content === null) return null;
    this.#stream ??= this.#makeStream(this.#content);
    return this.#stream;
  }

  get bodyUsed(): boolean {
    return this.#isUsed;
  }

  #makeStream(content: Exclude<Content, null>): ReadableStream {
    if (content instanceof ReadableStream) return content;
    if (content instanceof ByteSource) return content.stream();
    const bytes = typeof content === 'string' ? encodeText(content) : content;
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

  /** Returns the content, once. */
  takeContent(): Content {
    this.#checkUnread('The body has been read already');
    if (this.#content !== null) this.#isUsed = true;
    return this.#stream ?? this.#content;
  }

  /** Returns the content for a copy; a stream is split in two. */
  copyContent(): Content {
    this.#checkUnread('A body that has been read cannot be cloned');
    const content =
      this.#content instanceof ByteSource ? this.body : (this.#stream ?? this.#content);
    if (!(content instanceof ReadableStream)) return content;
    const [own, other] = content.tee();
    this.#content = own;
    this.#stream = own;
    return other;
  }

  #checkUnread(otherwise: string): void {
    if (this.#isUsed || this.#stream?.locked === true) throw new TypeError(otherwise);
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return readAll(this.takeContent());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await this.bytes();
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  }

  async text(): Promise<string> {
    const content = this.takeContent();
    return typeof content === 'string'
      ? content.toWellFormed()
      : new TextDecoder().decode(await readAll(content));
  }

  async blob(): Promise<Blob> {
    const bytes = await this.bytes();
    return new Blob([bytes], { type: this.headers.get('content-type') ?? '' });
  }

  async formData(): Promise<FormData> {
    return decodeForm(await this.bytes(), this.headers.get('content-type'));
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
}

export async function readAll(content: Content): Promise<Uint8Array<ArrayBuffer>> {
  if (content === null) return new Uint8Array();
  if (typeof content === 'string') return encodeText(content);
  if (content instanceof ByteSource) return content.readAll();
  if (!(content instanceof ReadableStream)) return content;
  const parts: Uint8Array[] = [];
  for await (const chunk of content) parts.push(toBytes(chunk));
  return joinBytes(parts);
}

/** Converts a chunk of a body's stream to bytes. */
export function toBytes(chunk: unknown): Uint8Array {
  const bytes = viewOf(chunk);
  if (bytes === undefined) {
    throw new TypeError(
      `A body is a stream of Uint8Array, and a chunk is ${typeof chunk}: encode it with TextEncoder`,
    );
  }
  return bytes;
}
