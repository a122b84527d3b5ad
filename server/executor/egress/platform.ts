/** Node's platform with a guarded way out, and a User-Agent that says who asks. */
import type { Platform } from '../../../olin/index.ts';
import { nodePlatform } from '../../../olin/platform/node.ts';
import type { Handler } from '../handler.ts';
import { guardedFetch, type EgressOptions } from './fetch.ts';

export interface GuestPlatformOptions extends EgressOptions {
  /** Where a server's operator reads what this is; part of the User-Agent. */
  readonly docsOrigin?: string;
}

/** One platform a handler: made once, kept as long as the handler is. */
export function guestPlatforms(options: GuestPlatformOptions = {}): (handler: Handler) => Platform {
  const fetch = guardedFetch(options);
  const known = new WeakMap<Handler, Platform>();
  const about = options.docsOrigin === undefined ? '' : `+${options.docsOrigin}; `;
  return (handler) => {
    const found = known.get(handler);
    if (found !== undefined) return found;
    const platform: Platform = {
      ...nodePlatform,
      fetch,
      userAgent: `${nodePlatform.userAgent ?? 'Trisiel'} (${about}handler ${handler.name})`,
    };
    known.set(handler, platform);
    return platform;
  };
}
