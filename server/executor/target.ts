/** Which handler a request is for. */
import { byHost } from './by-host.ts';

export interface Target {
  readonly name: string;
  /** The part of the path that names the handler; empty where the host does. */
  readonly scriptName: string;
}

/** Finds handlers at `/run/NAME/…` of the run host, and at `NAME.` before it. */
export class Addresses {
  /** Such as `.run.trisiel.dev`. */
  readonly #suffix: string;
  readonly #nameIn = byHost((host) => this.#ownHost(host));

  /** @param runOrigin such as `https://run.trisiel.dev` */
  constructor(runOrigin: string) {
    this.#suffix = `.${new URL(runOrigin).hostname}`;
  }

  /** @param host of the request, with or without a port; @param url as in the request's first line */
  find(host: string, url: string): Target | undefined {
    const own = this.#nameIn(host);
    if (own !== undefined) return { name: own, scriptName: '' };
    const byPath = /^\/run\/([a-z0-9-]+)(?=[/?]|$)/.exec(url);
    return byPath?.[1] === undefined ? undefined : { name: byPath[1], scriptName: byPath[0] };
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
