/** Opens a page in the person’s browser. */
import { CommandError } from '../errors.ts';

/** Only what a browser is for: an address may come from a server. */
export async function openInBrowser(address: string): Promise<void> {
  const url = URL.parse(address);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new CommandError('The server gave an address that is no page. Nothing was opened.');
  }
  const { default: open } = await import('open');
  const child = await open(url.href);
  // Where there is no browser, the address has been printed.
  child.on('error', () => undefined);
  child.unref();
}
