/**
 * The way out for guests: fetch, over connections that reach public addresses alone.
 *
 * The address that is checked is the one that is connected to: names are resolved once, what they resolve to is
 * checked, and the socket is opened to that. After it is open it is asked whom it reached. A name that resolves to
 * something else the next time is checked the next time; so is each redirect, which is a request of its own.
 */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { isReachable } from './addresses.ts';

export interface EgressOptions {
  /**
   * What may be fetched by GET though its address is private: whole URLs, such as a file of the documentation at home.
   * Never an origin that signs people in, since whoever may run a function could then sign in there as anyone.
   */
  readonly allowedUrls?: readonly string[];
  /** Origins that are reached whole though their addresses are private; for tests. */
  readonly allowedOrigins?: readonly string[];
  /** All addresses of a name; default: DNS. */
  readonly resolve?: (hostname: string) => Promise<readonly string[]>;
  /** Whether an address may be connected to; default {@link isReachable}. */
  readonly mayReach?: (address: string) => boolean;
  readonly bounds?: Partial<EgressBounds>;
  /** Counts a connection that is about to open; what it returns is called when it is closed. May refuse by throwing. */
  readonly countConnection?: () => () => void;
}

export interface EgressBounds {
  readonly connectMs: number;
  /** Until the response's head is there, and between two pieces of its body. */
  readonly silenceMs: number;
  /** Of the body as it comes over the wire. */
  readonly responseBytes: number;
  readonly headerBytes: number;
}

export const EGRESS_BOUNDS: EgressBounds = {
  connectMs: 5000,
  silenceMs: 30_000,
  responseBytes: 64 * 1024 * 1024,
  headerBytes: 32 * 1024,
};

/** Why a request did not leave. The runtime puts `code` in the guest's log. */
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
    // Connections are not kept: nobody finds another's open.
    keepAliveTimeout: 1,
    keepAliveMaxTimeout: 1,
    // The bounds above are those of HTTP/1.1, which one connection speaks for one request.
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
      // The name stays what TLS speaks of; the socket goes to the address.
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
    // What fails on the way must come to the guest: a promise that nobody hears would end the process.
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
  // One private address among public ones is no accident.
  if (!addresses.every(mayReach)) throw refusal(hostname);
  return first;
}

function refusal(hostname: string): EgressError {
  return new EgressError(
    `${hostname} is not an address of the public Internet, and functions may reach no other`,
  );
}

/** Not by the system's resolver: that one occupies threads that files need, as long as a name takes. */
async function resolveByDns(hostname: string): Promise<readonly string[]> {
  if (/(^|\.)(localhost|local|internal|home\.arpa)$/i.test(hostname)) throw refusal(hostname);
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  const found = await Promise.allSettled([
    resolver.resolve4(hostname),
    resolver.resolve6(hostname),
  ]);
  return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}
