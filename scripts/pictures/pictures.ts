/** Takes the screenshots for the README (an example page after Run) and for the tour of the panel. */
import { join } from 'node:path';
import { launchBrowser } from '../../test/setup/browser.ts';
import { startSite } from '../../test/setup/site.ts';
import { buildSite } from '../build.ts';
import { drawPanel } from './panel-pictures.ts';
import { root, say } from '../paths.ts';

const PICTURE = join(root, 'docs-site/src/assets/readme.png');

await buildSite();
const site = await startSite();
const browser = await launchBrowser();
const page = await browser.newPage({
  viewport: { width: 1280, height: 840 },
  deviceScaleFactor: 1.5,
  colorScheme: 'light',
});
await page.goto(`${site.origin}/`, { waitUntil: 'networkidle' });
await page.click('[data-do="run"]');
await page.locator('[data-verdict]', { hasText: '200' }).waitFor();
await page.mouse.move(0, 0);
await page.screenshot({ path: PICTURE });
await browser.close();
await site.stop();
say(`Drawn: ${PICTURE}`);
await drawPanel();
