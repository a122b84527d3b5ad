/**
 * Outbound fetch for guests, over connections to public addresses only.
 *
 * The address checked is the address connected to: a name is resolved once, all results are checked, and the socket
 * connects to one of them; the remote address of the open socket is checked again. DNS rebinding gains nothing, since
 * every connection resolves and checks anew; so does every redirect, which is a request of its own.
 */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { isReachable } from './addresses.ts';

export interface EgressOptions {
  /**
   * URLs that may be fetched by GET even if their address is private, such as a documentation file of a local server.
   * Never an origin that signs users in: any function could then sign in there as anyone.
   */
  readonly allowedUrls?: readonly string[];
  /** Origins that may be reached even if their addresses are private; for tests. */
  readonly allowedOrigins?: readonly string[];
  /** All addresses of a name; default: DNS. */
  readonly resolve?: (hostname: string) => Promise<readonly string[]>;
  /** Whether an address may be connected to; default {@link isReachable}. */
  readonly mayReach?: (address: string) => boolean;
  readonly bounds?: Partial<EgressBounds>;
  /** Called before a connection opens; may throw to refuse it. The returned function is called when it closes. */
  readonly countConnection?: () => () => void;
}

export interface EgressBounds {
  readonly connectMs: number;
  /** Timeout for the response headers, and between two chunks of the body. */
  readonly silenceMs: number;
  /** Limit of the body as received, before decompression. */
  readonly responseBytes: number;
  readonly headerBytes: number;
}

export const EGRESS_BOUNDS: EgressBounds = {
  connectMs: 5000,
  silenceMs: 30_000,
  responseBytes: 64 * 1024 * 1024,
  headerBytes: 32 * 1024,
};

/** Thrown if a request is refused. The runtime writes `code` to the guest's log. */
export class EgressError extends Error {
  readonly code: string;
  constructor(message: string) {
    super(message);
    this.name = 'EgressError';
    this.code = message;
  }
}

export type Fetch = (request: Request) => Promise<Response>;

export function guardedFetch(options: EgressOptions = {}): Fetch {
  const { connectMs, silenceMs, responseBytes, headerBytes } = {
    ...EGRESS_BOUNDS,
    ...options.bounds,
  };
  const allowed = new Set(options.allowedOrigins);
  const allowedUrls = new Set(options.allowedUrls);
  const isAllowed = ({ url, method }: Request): boolean =>
    allowed.has(new URL(url).origin) || (method === 'GET' && allowedUrls.has(url));
  const bounds = {
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    maxResponseSize: responseBytes,
    maxHeaderSize: headerBytes,
    // No keep-alive: handlers never share a connection.
    keepAliveTimeout: 1,
    keepAliveMaxTimeout: 1,
    // The bounds above assume HTTP/1.1, with one request per connection at a time.
    allowH2: false,
  };
  const guarded = new Agent({ ...bounds, connect: connector(options, connectMs) });
  const open = new Agent({ ...bounds, connect: { timeout: connectMs } });
  return async (request) => {
    const dispatcher = isAllowed(request) ? open : guarded;
    try {
      const init: RequestInit & { dispatcher: Dispatcher } = { dispatcher };
      return await fetch(request, init);
    } catch (error) {
      throw findRefusal(error) ?? error;
    }
  };
}

function findRefusal(error: unknown): EgressError | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof EgressError) return each;
  }
  return undefined;
}

function connector(options: EgressOptions, connectMs: number): buildConnector.connector {
  const { mayReach = isReachable, resolve = resolveByDns } = options;
  const { countConnection = () => () => undefined } = options;
  const open = buildConnector({ timeout: connectMs, allowH2: false });
  return (target, done) => {
    const hostname = target.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
    const fail = (error: unknown): void =>
      done(error instanceof Error ? error : new Error(String(error)), null);
    const openTo = (address: string): void => {
      const release = countConnection();
      // TLS still verifies the host name; only the socket uses the address.
      const named = target.servername ?? (isIP(hostname) === 0 ? hostname : undefined);
      const servername = named === undefined ? {} : { servername: named };
      open({ ...target, hostname: address, ...servername }, (...opened) => {
        const [error, socket] = opened;
        if (error instanceof Error || socket === null) {
          release();
          return done(...opened);
        }
        socket.once('close', release);
        if (mayReach(socket.remoteAddress ?? '')) return done(...opened);
        socket.destroy();
        done(refusal(hostname), null);
      });
    };
    // Failures must reach the guest: an unhandled rejection would end the process.
    findAddress(hostname, resolve, mayReach).then((address) => {
      try {
        openTo(address);
      } catch (error) {
        fail(error);
      }
    }, fail);
  };
}

async function findAddress(
  hostname: string,
  resolve: (hostname: string) => Promise<readonly string[]>,
  mayReach: (address: string) => boolean,
): Promise<string> {
  const addresses = isIP(hostname) === 0 ? await resolve(hostname) : [hostname];
  const [first] = addresses;
  if (first === undefined) throw new EgressError('the name of the server has no address');
  // A mix of private and public addresses is treated as an attack.
  if (!addresses.every(mayReach)) throw refusal(hostname);
  return first;
}

function refusal(hostname: string): EgressError {
  return new EgressError(
    `${hostname} is not a public address, and handlers can reach only public addresses`,
  );
}

/** Avoids the system's resolver (getaddrinfo), which blocks libuv threads that file operations need. */
async function resolveByDns(hostname: string): Promise<readonly string[]> {
  if (/(^|\.)(localhost|local|internal|home\.arpa)$/i.test(hostname)) throw refusal(hostname);
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  const found = await Promise.allSettled([
    resolver.resolve4(hostname),
    resolver.resolve6(hostname),
  ]);
  return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}
