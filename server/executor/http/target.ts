/** Finds the handler that a request is for. */
import { isLoopbackName } from '../../config.ts';
import { isHostOfOther } from '../../hosts.ts';
import { byHost } from './by-host.ts';

export interface Target {
  readonly name: string;
  /** The part of the path that names the handler; empty if the host does. */
  readonly scriptName: string;
}

/** Finds handlers at `/run/NAME/…` of the run host, and at `NAME.` subdomains of it. */
export class Addresses {
  /** Such as `.run.trisiel.dev`. */
  readonly #suffix: string;
  readonly #known = byHost((host) => ({ own: this.#ownHost(host), isWeb: this.#isWeb(host) }));
  readonly #runOrigin: string;
  readonly #webOrigin: string;

  /**
   * @param runOrigin such as `https://run.trisiel.dev`
   * @param webOrigin whose host has no handlers
   */
  constructor(runOrigin: string, webOrigin: string) {
    const { hostname } = new URL(runOrigin);
    // IP addresses have no subdomains, but every name below `localhost` resolves to this machine.
    this.#suffix = isLoopbackName(hostname) ? '.localhost' : `.${hostname}`;
    this.#runOrigin = runOrigin;
    this.#webOrigin = webOrigin;
  }

  /** Whether a request is for the web origin's host, where a handler's page would share its cookies. */
  isWebHost(host: string): boolean {
    return this.#known(host).isWeb;
  }

  /** @param host of the request, with or without a port; @param url as in the request's first line */
  find(host: string, url: string): Target | undefined {
    const { own, isWeb } = this.#known(host);
    if (isWeb) return undefined;
    if (own !== undefined) return { name: own, scriptName: '' };
    const byPath = /^\/run\/([a-z0-9-]+)(?=[/?]|$)/.exec(url);
    return byPath?.[1] === undefined ? undefined : { name: byPath[1], scriptName: byPath[0] };
  }

  #isWeb(host: string): boolean {
    return isHostOfOther(host, this.#runOrigin, this.#webOrigin);
  }

  /** The name in `NAME.run.trisiel.dev:443`. */
  #ownHost(host: string): string | undefined {
    const at = host.length - this.#suffix.length;
    const hostname = at > 0 && host.endsWith(this.#suffix) ? host : host.replace(/:\d*$/, '');
    const lower = hostname.toLowerCase();
    if (!lower.endsWith(this.#suffix)) return undefined;
    const name = lower.slice(0, -this.#suffix.length);
    return /^[a-z0-9-]+$/.test(name) ? name : undefined;
  }
}
