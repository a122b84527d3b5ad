/**
 * An HTTP client: the guest writes one HTTP/1.1 request to the descriptor, and reads the response from it.
 *
 *     fd = resource_open("https://example.com")
 *     resource_write(fd, "GET /hello HTTP/1.1\r\nHost: example.com\r\n\r\n")
 *     resource_flush(fd)            sends the request, waits for the response head
 *     resource_read(fd, …)          the head, then the body as it arrives; EndOfFile (-5) at its end
 *     resource_close(fd)            cancels the exchange
 *
 * - The request is checked as it is written; from the first invalid write on, calls fail with InvalidArgument (-2).
 * - It is sent by the first flush or read after it is complete. Flushing an incomplete request sends nothing; reading
 *   before the request is complete fails with InvalidArgument.
 * - The URL fetched is the scheme and host of the opened URL with the path of the request. `https://` alone takes the
 *   Host header. Different host names are rejected. The policy also checks the final, normalised URL, so an allow list
 *   for guests that open `https://` must allow that text and the final URL.
 * - Redirects are not followed: the guest sees them. (Browsers hide redirects: UnknownError.)
 * - The response is HTTP/1.1 with `Connection: close`: its body ends where the data ends.
 * - A failed or broken connection is UnknownError (-1), with the reason in the log.
 * - One request per descriptor: bytes written after it are InvalidArgument.
 * - Limits: 64 KiB of request head, 16 MiB of request body, 64 MiB of response.
 *
 * Sources: RFC 9110, RFC 9112, the Fetch standard; Olin's fileresolver/http.go for the order of calls.
 */
import { CALL_RATES, gasFor } from '../run/call-cost.ts';
import { CallError } from '../errors.ts';
import { MessageError } from '../http1/fields.ts';
import { RequestReader } from '../http1/request.ts';
import { MAX_SHOWN_URL, shorten } from '../shorten.ts';
import { buildRequest, buildResponseHead, hasBody } from './http-message.ts';
import { openAuthority, resolveTarget, type HttpSchemeName } from './http-url.ts';
import { Resource, type Scheme, type SchemeHost } from './resource.ts';

const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
/** Writes are parsed in pieces of this size; lines are counted, and charged, after each piece. */
const PIECE_BYTES = 4096;
/** A request is held twice: as written, and as sent. */
const HELD_PER_BYTE = 2;
/** Memory of an exchange besides its request: unread parts of the response. */
const EXCHANGE_BYTES = 65_536;
const NOTHING = new Uint8Array(0);

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

/** Describes why a fetch failed, without the addresses that engines put in their messages. */
function describeCause(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') {
    return cause.code;
  }
  return 'the server cannot be reached, or it forbids pages of other origins (CORS)';
}

class HttpResource extends Resource {
  readonly #scheme: HttpSchemeName;
  readonly #authority: URL | undefined;
  readonly #host: SchemeHost;
  readonly #request = new RequestReader();
  readonly #abort = new AbortController();
  #sent = false;
  /** Set when the exchange has failed; each later call throws it. */
  #failure: CallError | undefined;
  /** Unread bytes of the response. */
  #rest: Uint8Array = NOTHING;
  #body: BodyReader | undefined;
  #received = 0;
  /** Bytes counted as memory of the guest. */
  #held = 0;

  constructor(scheme: HttpSchemeName, authority: URL | undefined, host: SchemeHost) {
    super(shorten(`${scheme}://${authority?.host ?? ''}`, MAX_SHOWN_URL));
    this.#scheme = scheme;
    this.#authority = authority;
    this.#host = host;
  }

  override write(data: Uint8Array): number {
    this.#checkFailure();
    if (this.#sent && data.length > 0) {
      throw new CallError(
        'InvalidArgument',
        'The request was already sent, and a descriptor carries only one. Open the URL again to send another',
      );
    }
    this.#hold(data.length * HELD_PER_BYTE);
    try {
      for (let at = 0; at < data.length; at += PIECE_BYTES) {
        const { lines } = this.#request;
        this.#request.push(data.subarray(at, at + PIECE_BYTES));
        this.#host.charge(gasFor('item', this.#request.lines - lines));
      }
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      throw this.#fail('InvalidArgument', error.message);
    }
    return data.length;
  }

  override flush(): void | Promise<void> {
    this.#checkFailure();
    // A guest may flush between the head and the body.
    if (!this.#sent && this.#request.message !== undefined) return this.#send();
  }

  override async read(max: number): Promise<Uint8Array | null> {
    this.#checkFailure();
    if (!this.#sent) {
      if (this.#request.message === undefined) {
        throw new CallError('InvalidArgument', this.#request.describeMissing());
      }
      await this.#send();
    }
    while (this.#rest.length === 0) {
      const chunk = await this.#receive();
      if (chunk === null) return null;
      this.#rest = chunk;
    }
    const taken = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(max);
    return taken;
  }

  override close(): void {
    this.#host.release(this.#held);
    this.#held = 0;
    this.#abort.abort();
    this.#body?.cancel().catch(() => {});
  }

  #hold(bytes: number): void {
    if (!this.#host.hold(bytes)) {
      throw this.#fail(
        'UnknownError',
        `The request does not fit into the memory limit of the run, which also covers what the host stores for it. ${this.#host.memoryRemedy().replace(/\.$/, '')}`,
      );
    }
    this.#held += bytes;
  }

  #checkFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #fail(name: 'InvalidArgument' | 'UnknownError', message: string): CallError {
    this.#failure = new CallError(name, message);
    this.close();
    return this.#failure;
  }

  async #send(): Promise<void> {
    const { message } = this.#request;
    if (message === undefined) return;
    this.#hold(EXCHANGE_BYTES);
    this.#sent = true;
    const { method, target, fields } = message;
    this.#host.charge(CALL_RATES.request.gas + gasFor('item', fields.length));
    const { platform, signal } = this.#host;
    let url: URL;
    let request: Request;
    try {
      url = resolveTarget(this.#scheme, this.#authority, target, fields);
      const either = AbortSignal.any([signal, this.#abort.signal]);
      request = buildRequest(message, url, platform.userAgent, either);
    } catch (error) {
      if (error instanceof CallError) this.#failure = error;
      throw error;
    }
    this.#host.checkPolicy(url.href);
    // Logs are stored, and a query may contain a secret.
    const what = shorten(`${method} ${url.origin}${url.pathname}`, MAX_SHOWN_URL);
    let response: Response;
    try {
      response = await platform.fetch(request);
    } catch (error) {
      throw this.#fail('UnknownError', `${what} failed: ${describeCause(error)}`);
    }
    if (response.type === 'opaqueredirect') {
      throw this.#fail(
        'UnknownError',
        `${what} answered with a redirect, which browsers hide from programs. Request the target of the redirect`,
      );
    }
    this.#rest = buildResponseHead(method, response);
    if (hasBody(method, response.status)) this.#body = response.body?.getReader();
    else response.body?.cancel().catch(() => {});
  }

  async #receive(): Promise<Uint8Array | null> {
    if (this.#body === undefined) return null;
    let piece: ReadableStreamReadResult<Uint8Array>;
    try {
      piece = await this.#body.read();
    } catch (error) {
      throw this.#fail('UnknownError', `The response ended early: ${describeCause(error)}`);
    }
    if (piece.done) {
      this.#body = undefined;
      return null;
    }
    this.#received += piece.value.length;
    if (this.#received > MAX_RESPONSE_BYTES) {
      throw this.#fail(
        'UnknownError',
        `The response has more than ${MAX_RESPONSE_BYTES} bytes. Request a part of it`,
      );
    }
    return piece.value;
  }
}

function makeScheme(name: HttpSchemeName, doc: string): Scheme {
  return {
    name,
    doc,
    reads:
      'Sends the request if it was not sent yet, and returns the HTTP/1.1 response: status line, headers, an empty line, the body as it arrives, then EndOfFile.',
    writes:
      'Accepts an HTTP/1.1 request in parts of any size, with Content-Length or a chunked body. `resource_flush` sends it.',
    open: (url, host) => new HttpResource(name, openAuthority(name, url), host),
  };
}

export const httpScheme = makeScheme('http', 'An HTTP request and its response, not encrypted.');
export const httpsScheme = makeScheme(
  'https',
  'An HTTP request and its response, encrypted with TLS.',
);
