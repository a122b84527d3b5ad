/** The browser of the tests: Debian's Chromium, or the one that `CHROMIUM` names. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { findChromium, QUIET_FLAGS } from '../../scripts/services/chromium.ts';

/** Starts a headless Chromium; close it when done. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  if (executablePath === undefined)
    throw new Error('No Chromium was found; npm test installs one.');
  return chromium.launch({ executablePath, args: QUIET_FLAGS });
}

/**
 * Collects the errors of a page: console errors (including violations of the Content-Security-Policy), uncaught errors,
 * and failed requests.
 */
export function gatherComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => {
    complaints.push(`request: ${request.url()} ${request.failure()?.errorText ?? ''}`);
  });
  return complaints;
}
