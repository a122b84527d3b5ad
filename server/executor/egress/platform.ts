/** Node's platform with a guarded way out, and a User-Agent that says who asks. */
import type { Platform } from '../../../olin/index.ts';
import { nodePlatform } from '../../../olin/platform/node.ts';
import type { LoadedHandler } from '../handlers/handler.ts';
import { Connections } from './connections.ts';
import { guardedFetch, type EgressOptions, type Fetch } from './fetch.ts';

export interface GuestPlatformOptions extends EgressOptions {
  /** Where a server's operator reads what this is; part of the User-Agent. */
  readonly docsOrigin?: string;
  /** Default: the bounds of `Connections`. */
  readonly connections?: Connections;
}

/** One platform a handler: made once, kept as long as the handler is. */
export function guestPlatforms(
  options: GuestPlatformOptions = {},
): (handler: LoadedHandler) => Platform {
  const { connections = new Connections(), ...egress } = options;
  const known = new WeakMap<LoadedHandler, Platform>();
  const about = options.docsOrigin === undefined ? '' : `+${options.docsOrigin}; `;
  return (handler) => {
    const found = known.get(handler);
    if (found !== undefined) return found;
    // Most handlers never ask for it.
    let fetch: Fetch | undefined;
    const platform: Platform = {
      ...nodePlatform,
      fetch(request) {
        fetch ??= guardedFetch({
          ...egress,
          countConnection: () => connections.take(handler.ownerId),
        });
        return fetch(request);
      },
      userAgent: `${nodePlatform.userAgent ?? 'Trisiel'} (${about}handler ${handler.name})`,
    };
    known.set(handler, platform);
    return platform;
  };
}
