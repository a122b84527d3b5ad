/** The files of a module, by URL: `file:///templates/page.html`. */
import { CallError } from '../errors.ts';
import { MAX_SHOWN_URL, shorten } from '../shorten.ts';
import { Resource, type Scheme } from './resource.ts';

class FileResource extends Resource {
  #rest: Uint8Array;

  constructor(url: string, bytes: Uint8Array) {
    super(shorten(url, MAX_SHOWN_URL));
    this.#rest = bytes;
  }

  override read(max: number): Uint8Array | null {
    if (this.#rest.length === 0) return null;
    const chunk = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(max);
    return chunk;
  }
}

/** Returns the path of the URL without its first slash. Throws InvalidArgument if it is not a path. */
function pathOf(url: string): { readonly path: string; readonly href: string } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.host !== '') {
    throw new CallError(
      'InvalidArgument',
      `${shorten(url, MAX_SHOWN_URL)} has no path. Write file:///PATH, with three slashes`,
    );
  }
  try {
    return { path: decodeURIComponent(parsed.pathname.slice(1)), href: parsed.href };
  } catch {
    throw new CallError('InvalidArgument', `${shorten(url, MAX_SHOWN_URL)} is not UTF-8`);
  }
}

export const fileScheme: Scheme = {
  name: 'file',
  doc: 'A file that comes with the handler, such as `file:///templates/page.html`.',
  reads: 'Returns the contents, then EndOfFile.',
  writes: 'Fails with UnknownError: the files of a handler do not change.',
  open(url, host) {
    const { path, href } = pathOf(url);
    // A path may be written in several ways; the policy checks the normalized one.
    if (href !== url) host.checkPolicy(href);
    const bytes = host.findFile(path);
    if (bytes === undefined) throw new CallError('NotFound', `there is no file ${path}`);
    return new FileResource(href, bytes);
  },
};
