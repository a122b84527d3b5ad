/** The panel in a real Chromium against a real server: requirements that every page must meet. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { gatherComplaints } from '../setup/browser.ts';
import { findViolations, openPage, settled, turn, usePanel } from '../setup/panel-browser.ts';
import { signIn } from '../setup/servers/panel-server.ts';

const PAGES = new URL('../../panel/pages/', import.meta.url);
const PHONE = { width: 360, height: 740 };
const panel = usePanel();

/** Returns the addresses of all pages, found in the same way as by the panel. */
async function listPages(executions: Readonly<Record<string, string>>): Promise<string[]> {
  const files = await readdir(PAGES, { recursive: true });
  const parts: Readonly<Record<string, string>> = {
    '[handler]': 'weather',
    '[execution]': executions['weather'] ?? '',
  };
  return files
    .filter((file) => file.endsWith('.tsx'))
    .map((file) =>
      ['/panel', ...file.replace('.tsx', '').split('/')]
        .map((part) => parts[part] ?? part)
        .join('/')
        .replace(/\/index$/, '/'),
    )
    .sort();
}

const COMMAND = `port=43110&state=s1&challenge=${'A'.repeat(43)}&name=laptop`;

/** Besides one address per page: states that look different. */
const STATES = [
  '/panel/handlers?deleted=yes',
  '/panel/handlers/tomorrow',
  '/panel/handlers/reports/executions',
  '/panel/handlers/nobody',
  '/panel/executions/nothing',
  `/panel/authorize?${COMMAND}`,
  '/panel/nowhere',
];

test('no page has an accessibility violation, scrolls sideways on a phone, or violates its Content-Security-Policy', async (t) => {
  const { server, context, executions } = panel();
  const paths = [...(await listPages(executions)), ...STATES];
  paths.push(`/panel/executions/${executions['tiles']}`);
  const page = await context.newPage();
  const complaints = gatherComplaints(page);
  for (const path of paths) {
    await t.test(path, async () => {
      await page.setViewportSize({ width: 1280, height: 860 });
      // Reduced motion, so that no colour is checked during a transition.
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      await page.goto(`${server.origin}${path}`);
      await settled(page);
      assert.deepEqual(await findViolations(page), [], `${path} in light`);
      await turn(page, 'dark');
      assert.deepEqual(await findViolations(page, 'color-contrast'), [], `${path} in dark`);
      await page.setViewportSize(PHONE);
      const [beyond, unseen] = await page.evaluate(async () => {
        // Charts and the editor get their new width in the next frame.
        for (let frame = 0; frame < 2; frame += 1) {
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        const current = Array.from(document.querySelectorAll('nav [aria-current]'));
        const isSeen = (link: Element): boolean => {
          const { left, right } = link.getBoundingClientRect();
          return left >= 0 && right <= innerWidth;
        };
        return [
          document.documentElement.scrollWidth - innerWidth,
          current.filter((link) => !isSeen(link)).map((link) => link.textContent),
        ] as const;
      });
      assert.deepEqual(unseen, [], 'the current link must be visible in rows of links');
      assert.ok(beyond <= 0, `${path} is ${beyond} pixels wider than a phone`);
      assert.match(await page.title(), / · Trisiel$/);
    });
  }
  // Missing objects give a 404, and invalid ids a 400; leaving a page aborts its stream.
  const told = complaints.filter((each) => !/status of 40[04]|ERR_ABORTED/.test(each));
  assert.deepEqual(told, []);
  await page.close();
});

test('visitors who are not signed in see the sign-in on every page, and return to that page afterwards', async () => {
  const { server, browser } = panel();
  const stranger = await browser.newContext();
  const page = await stranger.newPage();
  await page.goto(`${server.origin}/panel/handlers?deleted=yes`);
  await page.getByRole('heading', { name: 'Sign in to Trisiel' }).waitFor();
  assert.deepEqual(await findViolations(page), []);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Name').fill('bo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Deleted handlers' }).waitFor();
  assert.equal(new URL(page.url()).search, '?deleted=yes');
  // Tier 0 cannot deploy; the page says how to get the free tier.
  await page.goto(`${server.origin}/panel/`);
  await page.getByRole('link', { name: 'Apply for the free tier' }).first().waitFor();
  await stranger.close();
});

test('an ended session is reported, and signing in returns to the page', async () => {
  const { server, browser } = panel();
  const other = await browser.newContext();
  const page = await other.newPage();
  await signIn(page, server, 'cy');
  // The page also refreshes by itself, but only the request after the click may find that the session has ended.
  await page.getByRole('heading', { name: 'Deploying requires the free tier' }).waitFor();
  await page.route('**/api/handlers?**', async (route) => {
    const answer = await fetch(route.request().url());
    const headers = Object.fromEntries(answer.headers);
    await route.fulfill({ status: answer.status, headers, body: await answer.text() });
  });
  await page.getByRole('link', { name: 'Handlers', exact: true }).click();
  await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
  await other.clearCookies();
  await page.unrouteAll();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Name').fill('cy');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Handlers' }).waitFor();
  await page.getByRole('button', { name: 'cy' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Trisiel' }).waitFor();
  const left = await other.request.get(`${server.origin}/api/whoami`);
  assert.equal(left.status(), 401);
  await other.close();
});

test('with the keyboard alone a user can skip the navigation and open a page, and the focus moves to its heading', async () => {
  const page = await openPage(panel(), '/panel/');
  const focused = (): Promise<string> =>
    page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Skip to the content');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'content');
  await page.keyboard.press('Shift+Tab');
  const handlers = page.getByRole('link', { name: 'Handlers', exact: true });
  await handlers.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Handlers' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  assert.equal(await focused(), 'Handlers');
  assert.equal(await page.title(), 'Handlers · Trisiel');
  assert.equal(await handlers.getAttribute('aria-current'), 'page');

  // Every focused element has a visible focus ring.
  for (let stop = 0; stop < 8; stop += 1) {
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement ?? document.body);
      return `${style.outlineStyle} ${style.outlineWidth}`;
    });
    assert.equal(outline, 'solid 2px', await focused());
  }
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.close();
});

test('the theme is shared with the documentation, and applies from the first paint', async () => {
  const page = await openPage(panel(), '/panel/');
  await page.getByRole('button', { name: 'ana' }).click();
  await page.getByLabel('Dark').check();
  const theme = (): Promise<string | undefined> =>
    page.evaluate(() => document.documentElement.dataset['theme']);
  assert.equal(await theme(), 'dark');
  assert.equal(await page.evaluate(() => localStorage.getItem('starlight-theme')), 'dark');
  await page.reload({ waitUntil: 'commit' });
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark');
  await page.getByRole('button', { name: 'ana' }).click();
  await page.getByLabel('System').check();
  await page.emulateMedia({ colorScheme: 'light' });
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'light');
  await page.close();
});
