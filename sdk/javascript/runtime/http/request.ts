/** Request. */
import { AbortSignal } from '../events/abort.ts';
import { URL } from '../url/url.ts';
import { Body, takeBody, type BodyInit, type Content } from './body.ts';
import { Headers, type HeadersInit } from './headers.ts';

type Redirect = 'follow' | 'error' | 'manual';

export interface RequestInit {
  method?: string;
  headers?: HeadersInit | Headers;
  body?: BodyInit;
  redirect?: Redirect;
  signal?: AbortSignal | null;
}

/** A request whose parts are computed on demand. */
export class LazyRequest {
  readonly method: string;
  readonly url: () => string;
  readonly headers: () => Headers;
  readonly content: Content;

  constructor(method: string, url: () => string, headers: () => Headers, content: Content) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.content = content;
  }
}

const NORMAL = /^(?:delete|get|head|options|post|put)$/i;
const NOT_ALLOWED = /^(?:connect|trace|track)$/i;
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;

export class Request extends Body {
  readonly method: string;
  readonly redirect: Redirect;
  #url: string | undefined;
  #headers: Headers | undefined;
  #signal: AbortSignal | undefined;
  readonly #lazy: LazyRequest | undefined;

  /** Throws a TypeError for a URL that is not absolute, and for a body of GET or HEAD. */
  constructor(input: unknown, init: RequestInit = {}) {
    if (input instanceof LazyRequest) {
      super(input.content);
      this.method = input.method;
      this.redirect = 'follow';
      this.#lazy = input;
      return;
    }
    const from = input instanceof Request ? input : undefined;
    const headers = new Headers(init.headers ?? from?.headers);
    const method = checkMethod(init.method ?? from?.method ?? 'GET');
    const hasBody = init.body !== undefined && init.body !== null;
    if (hasBody && (method === 'GET' || method === 'HEAD')) {
      throw new TypeError(`A request with the method ${method} has no body`);
    }
    const isTaken = from !== undefined && !hasBody;
    super(isTaken ? from.takeContent() : takeBody(init.body, headers));
    this.method = method;
    this.redirect = init.redirect ?? from?.redirect ?? 'follow';
    this.#signal = init.signal ?? from?.signal;
    this.#headers = headers;
    this.#url = from?.url ?? absolute(input);
  }

  get url(): string {
    this.#url ??= this.#lazy?.url() ?? '';
    return this.#url;
  }

  get headers(): Headers {
    this.#headers ??= this.#lazy?.headers() ?? new Headers();
    return this.#headers;
  }

  get signal(): AbortSignal {
    this.#signal ??= new AbortSignal();
    return this.#signal;
  }

  clone(): Request {
    const { method, url, headers, redirect, signal } = this;
    const content = this.copyContent();
    const copy = new LazyRequest(
      method,
      () => url,
      () => new Headers(headers),
      content,
    );
    return new Request(new Request(copy), { redirect, signal });
  }
}

function absolute(input: unknown): string {
  const url = new URL(input);
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('The URL of a request has no user name and no password');
  }
  return url.href;
}

function checkMethod(method: unknown): string {
  const text = String(method);
  if (!TOKEN.test(text) || NOT_ALLOWED.test(text)) {
    throw new TypeError(`"${text}" is not a method for a request`);
  }
  return NORMAL.test(text) ? text.toUpperCase() : text;
}
