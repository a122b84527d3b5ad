/** Response. */
import { URL } from '../url/url.ts';
import { Body, takeBody, type BodyInit, type Content } from './body.ts';
import { Headers, type HeadersInit } from './headers.ts';

export interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit | Headers;
}

type ResponseType = 'basic' | 'default' | 'error';

/** Properties of a response that was not created by the constructor's arguments. */
export class Received {
  readonly content: Content;
  readonly type: ResponseType;
  readonly url: string;
  readonly isRedirected: boolean;

  constructor(content: Content, type: ResponseType, url = '', isRedirected = false) {
    this.content = content;
    this.type = type;
    this.url = url;
    this.isRedirected = isRedirected;
  }
}

const HAS_NO_BODY: readonly number[] = [101, 103, 204, 205, 304];
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
// eslint-disable-next-line no-control-regex
const NOT_IN_REASON = /[^\t\x20-\x7e\x80-\xff]/;

export class Response extends Body {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly type: ResponseType;
  readonly url: string;
  readonly redirected: boolean;

  /** Throws a RangeError for a status outside 200 to 599. */
  constructor(body?: BodyInit | Received, init: ResponseInit = {}) {
    const headers = new Headers(init.headers);
    const received = body instanceof Received ? body : undefined;
    const status = Number(init.status ?? 200);
    if (received === undefined && !(Number.isInteger(status) && status >= 200 && status <= 599)) {
      throw new RangeError(`The status of a Response is 200 to 599, not ${init.status}`);
    }
    const content = body instanceof Received ? body.content : takeBody(body, headers);
    if (content !== null && HAS_NO_BODY.includes(status)) {
      throw new TypeError(`A Response with the status ${status} has no body`);
    }
    super(content);
    this.status = status;
    this.statusText = String(init.statusText ?? '');
    if (NOT_IN_REASON.test(this.statusText)) throw new TypeError('The statusText has line breaks');
    this.headers = headers;
    this.type = received?.type ?? 'default';
    this.url = received?.url ?? '';
    this.redirected = received?.isRedirected ?? false;
  }

  static json(value: unknown, init: ResponseInit = {}): Response {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError('Response.json() takes a value that JSON has');
    const headers = new Headers(init.headers);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return new Response(text, { ...init, headers });
  }

  static redirect(url: unknown, status = 302): Response {
    if (!REDIRECTS.includes(status)) {
      throw new RangeError(`${status} is not the status of a redirect`);
    }
    // Here a relative URL is relative to what the client asked for.
    const location = URL.canParse(url) ? new URL(url).href : String(url);
    return new Response(null, { status, headers: { location } });
  }

  static error(): Response {
    return new Response(new Received(null, 'error'), { status: 0 });
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  clone(): Response {
    const { type, url, redirected, status, statusText, headers } = this;
    return new Response(new Received(this.copyContent(), type, url, redirected), {
      status,
      statusText,
      headers,
    });
  }
}
