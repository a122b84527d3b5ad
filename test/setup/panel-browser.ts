/** The user Ana, signed in with a real Chromium at a real server, with handlers and runs. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { updateUser } from '../../server/db/accounts/users.ts';
import { textField } from './servers/api-server.ts';
import { launchBrowser } from './browser.ts';
import { ask, signIn, startPanelServer, type PanelServer } from './servers/panel-server.ts';
import { makeWorld } from './panel-world.ts';

export { findViolations } from './axe.ts';

export interface PanelTest {
  readonly server: PanelServer;
  readonly browser: Browser;
  /** Ana’s browser. She has the free tier and is an administrator, so she can see all pages. */
  readonly context: BrowserContext;
  /** The id of one execution per handler. */
  readonly executions: Readonly<Record<string, string>>;
}

/**
 * Starts server and browser before the file’s tests and stops them afterwards. The returned function returns them.
 * @param hasWorld whether Ana has handlers and runs; default true
 */
export function usePanel(hasWorld = true): () => PanelTest {
  let started: PanelTest | undefined;
  const stops: (() => Promise<void>)[] = [];
  before(async () => {
    const [server, browser] = await Promise.all([startPanelServer(), launchBrowser()]);
    stops.push(
      () => browser.close(),
      () => server.stop(),
    );
    const context = await browser.newContext();
    // The machine may be busy with other tests.
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    await signIn(page, server, 'ana');
    await page.close();
    const id = textField(await ask(context, server, 'GET', '/api/whoami'), 'id');
    await updateUser(server.db, id, { tier: 1 });
    await server.db.query('update users set is_admin = true where id = $1', [id]);
    const executions = hasWorld ? await makeWorld(context, server) : {};
    started = { server, browser, context, executions };
  });
  after(async () => {
    for (const stop of stops) await stop();
  });
  return () => {
    assert.ok(started !== undefined, 'the panel is not started');
    return started;
  };
}

/** Opens a page as Ana, and waits until it has loaded. */
export async function openPage({ context, server }: PanelTest, path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${server.origin}${path}`);
  await settled(page);
  return page;
}

/** Waits until the page has its heading and nothing is loading. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').waitFor();
  await page.waitForFunction(() => document.querySelector('.skeleton') === null);
}

/** Sets the system's theme, without motion, and waits until the page has it and no animation runs. */
export async function turn(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.waitForFunction(
    (wanted) =>
      document.documentElement.dataset['theme'] === wanted && document.getAnimations().length === 0,
    theme,
  );
}

/** Waits for a toast, and focuses it so that it stays. Returns its Undo button. */
export async function holdToast(page: Page, text: string): Promise<Locator> {
  const undo = page.locator('.toast', { hasText: text }).getByRole('button', { name: 'Undo' });
  await undo.focus();
  return undo;
}
