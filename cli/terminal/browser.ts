/** Opens a page in the user's browser. */
import { CommandError } from '../errors.ts';

/** Accepts only HTTP URLs, because the address may come from a server. */
export async function openInBrowser(address: string): Promise<void> {
  const url = URL.parse(address);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new CommandError(
      'The server returned an address that is not a web page. Nothing was opened.',
    );
  }
  const { default: open } = await import('open');
  const child = await open(url.href);
  // If there is no browser, the user can open the printed URL.
  child.on('error', () => undefined);
  child.unref();
}
