/** Opens pages of the built site with a playground in a real browser, for tests. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { gatherComplaints, launchBrowser } from '../setup/browser.ts';
import { startSite, type Site } from '../setup/site.ts';

export const RUN = '[data-do="run"]';
export const OUTPUT = '[data-view="body"] > .tp-stream[role="log"]';
export const PROBLEM = '[data-problem]';

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

/** The origin of the site. */
export const siteOrigin = (): string => site.origin;

/** Defines a test on a separate page. Fails if the page reports errors. */
export function inPage(
  name: string,
  path: string,
  body: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): void {
  void test(name, async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const context = await browser.newContext({ permissions, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const complaints = gatherComplaints(page);
    await page.goto(site.origin + path);
    await body(page);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

export async function run(page: Page): Promise<string> {
  await page.click(RUN);
  return ended(page);
}

/** Waits for the end of a run, and returns its verdict. */
export async function ended(page: Page): Promise<string> {
  await page.waitForSelector('.tp-chip:not([data-tone="busy"])');
  return page.innerText('.tp-chip');
}

export async function openInput(page: Page, key: string): Promise<void> {
  const details = page.locator('[data-inputs]');
  if ((await details.getAttribute('open')) === null) await details.locator('> summary').click();
  await details.locator(`[data-key="${key}"]`).click();
}

/** Opens the editor and replaces the source. */
export async function rewrite(page: Page, source: string): Promise<void> {
  await page.click('.tp-code');
  // Text typed before the editor has the focus is lost.
  await page.waitForSelector('.monaco-editor.focused .view-line');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(source);
}

export async function openFile(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.hover('.tp-head');
  await page.waitForFunction(() => document.querySelector('[data-ready]') !== null);
  await page.setInputFiles('[data-file-input]', {
    name,
    mimeType: 'application/wasm',
    buffer: Buffer.from(bytes),
  });
}
