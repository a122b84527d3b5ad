/** Node's platform with guarded outbound fetch, and a User-Agent that names the handler. */
import type { Platform } from '../../../olin/index.ts';
import { nodePlatform } from '../../../olin/platform/node.ts';
import type { LoadedHandler } from '../handlers/handler.ts';
import { Connections } from './connections.ts';
import { guardedFetch, type EgressOptions, type Fetch } from './fetch.ts';

export interface GuestPlatformOptions extends EgressOptions {
  /** Origin of the documentation, named in the User-Agent so that operators of other servers can read what this is. */
  readonly docsOrigin?: string;
  /** Default: the bounds of `Connections`. */
  readonly connections?: Connections;
}

/** Returns the platform of a handler: created once, and kept as long as the handler. */
export function guestPlatforms(
  options: GuestPlatformOptions = {},
): (handler: LoadedHandler) => Platform {
  const { connections = new Connections(), ...egress } = options;
  const known = new WeakMap<LoadedHandler, Platform>();
  const about = options.docsOrigin === undefined ? '' : `+${options.docsOrigin}; `;
  return (handler) => {
    const found = known.get(handler);
    if (found !== undefined) return found;
    // Created lazily: most handlers never use fetch.
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
