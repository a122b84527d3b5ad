/** The pages in a real browser, as the server sends them. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { COLOUR_RULES, findViolations, setTheme } from '../test/setup/axe.ts';
import { gatherComplaints, launchBrowser } from '../test/setup/browser.ts';
import { startSite, type Site } from '../test/setup/site.ts';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** One page of each kind. */
const KINDS = [
  '/',
  '/start/',
  '/command/',
  '/command/deploy/',
  '/examples/',
  '/examples/json-api/',
  '/reference/',
  '/reference/resource/',
  '/olin/errors/',
  '/about/architecture/',
  '/404.html',
];

let site: Site;
let browser: Browser;
before(async () => {
  site = await startSite();
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  await site.stop();
});

test('no page violates its Content-Security-Policy, misses a file, or is wider than a phone', async () => {
  // Not an emulated phone: its viewport would grow with content that is too wide.
  const context = await browser.newContext({ viewport: PHONE.viewport });
  const page = await context.newPage();
  const complaints = gatherComplaints(page);
  for (const path of await listPaths()) {
    await page.goto(site.origin + path);
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (excess > 0) complaints.push(`${path} is ${excess} pixels wider than the phone`);
  }
  // Requests that were in progress when the page was left are aborted.
  assert.deepEqual(
    complaints.filter((complaint) => !complaint.endsWith('ERR_ABORTED')),
    [],
  );
  await context.close();
});

suite('axe finds no violations', () => {
  let page: Page;
  before(async () => {
    page = await browser.newPage();
  });
  after(() => page.close());

  for (const path of KINDS) {
    test(`${path}, light and dark`, async () => {
      await page.goto(site.origin + path);
      await setTheme(page, 'light');
      assert.deepEqual(await findViolations(page), [], 'light');
      await setTheme(page, 'dark');
      assert.deepEqual(await findViolations(page, COLOUR_RULES), [], 'dark');
    });
  }
});

test('search finds a system call by keyboard alone, and opens its section', async () => {
  const page = await browser.newPage();
  const complaints = gatherComplaints(page);
  await page.goto(`${site.origin}/start/`);
  await page.keyboard.press('Control+k');
  await page.keyboard.insertText('env_get');
  await page.waitForSelector('.search-results a.sub');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/reference/env/#env_get');
  assert.deepEqual(complaints, []);
  await page.close();
});

test('a search without results says so', async () => {
  const page = await browser.newPage();
  await page.goto(`${site.origin}/start/`);
  await page.click('site-search [data-open]');
  await page.fill('site-search input', 'qqxyzzy');
  await page.waitForFunction(() =>
    document.querySelector('site-search [role="status"]')?.textContent?.startsWith('No results'),
  );
  await page.close();
});

test('on a phone the menu opens and leads to another page', async () => {
  const context = await browser.newContext(PHONE);
  const page = await context.newPage();
  await page.goto(`${site.origin}/start/`);
  await page.click('[popovertarget="starlight__sidebar"]');
  await page.click('#starlight__sidebar a[href="/olin/policy/"]');
  await page.waitForURL('**/olin/policy/');
  await context.close();
});

test('without scripts an example still shows its source and its tests', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${site.origin}/examples/hello/`);
  assert.match(await page.innerText('.tp-code'), /stdout\.write\('Hello, world!/);
  assert.match(await page.innerText('table'), /greets the world/);
  await context.close();
});

test('the live snippet of a system call runs on its reference page', async () => {
  const page = await browser.newPage();
  await page.goto(`${site.origin}/reference/env/`);
  await page.click('[data-do="run"]');
  await page.waitForFunction(() =>
    document.querySelector('[data-view="body"]')?.textContent?.includes('Ada'),
  );
  await page.close();
});

test('a language chosen in one tab group is selected on other pages too', async () => {
  const page = await browser.newPage();
  await page.goto(`${site.origin}/reference/env/`);
  await page.click('[role="tab"]:has-text("Rust")');
  await page.goto(`${site.origin}/reference/time/`);
  const chosen = page.locator('starlight-tabs [role="tab"][aria-selected="true"]').first();
  assert.equal(await chosen.innerText(), 'Rust');
  await page.close();
});

/** Every page of the sitemap. */
async function listPaths(): Promise<string[]> {
  const response = await fetch(`${site.origin}/sitemap-0.xml`);
  const paths = Array.from(
    (await response.text()).matchAll(/<loc>([^<]+)<\/loc>/g),
    ([, url = '']) => new URL(url).pathname,
  );
  assert.ok(paths.length > 40, `the sitemap has ${paths.length} pages`);
  return paths;
}
