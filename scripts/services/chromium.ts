/** Finds a Chromium for the browser tests, or installs one. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root, runNode, runProgram, say } from '../paths.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Playwright's disabled features; a second `--disable-features` replaces the first, so they are repeated here. */
const PLAYWRIGHT_OFF = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];
/** The address bar's popup is a page in each window, and costs more than many tested pages. */
const ADDRESS_BAR = ['WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup', 'WebUIOmniboxPopup'];

/** Keeps the browser's own services off the network. */
export const QUIET_FLAGS = [
  `--disable-features=${[...PLAYWRIGHT_OFF, ...ADDRESS_BAR].join(',')}`,
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Returns the path of a Chromium, preferring the environment variable CHROMIUM; undefined if there is none. */
export async function findChromium(): Promise<string | undefined> {
  const named = process.env['CHROMIUM'];
  const candidates = named === undefined ? [...PLACES, chromium.executablePath()] : [named];
  for (const path of candidates) {
    if (await exists(path)) return path;
  }
  return undefined;
}

/**
 * Installs Debian's package if root on Debian, else Playwright's download. If there still is no Chromium, prints what
 * to do and ends the process with status 1.
 */
export async function installChromium(): Promise<string> {
  const found = await findChromium();
  if (found !== undefined) return found;
  say('Installing Chromium for the browser tests …');
  if (process.getuid?.() === 0 && (await exists('/etc/debian_version'))) {
    await runProgram('apt-get', ['update', '-qq']);
    await runProgram('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
      DEBIAN_FRONTEND: 'noninteractive',
    });
  } else {
    await runNode([join(root, 'node_modules/playwright-core/cli.js'), 'install', 'chromium']);
  }
  const installed = await findChromium();
  if (installed !== undefined) return installed;
  say(
    'No Chromium was found and none could be installed. Install one (Debian: apt-get install chromium), or name it: CHROMIUM=/path/to/chromium npm test',
  );
  return process.exit(1);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
