/** Deploying, tokens, usage, and the pages of administrators, in a real Chromium against a real server. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { field, textField } from '../setup/servers/api-server.ts';
import { gatherComplaints } from '../setup/browser.ts';
import { findViolations, holdToast, settled, turn, usePanel } from '../setup/panel-browser.ts';
import { ask, signIn } from '../setup/servers/panel-server.ts';
import { buildModule } from '../setup/panel-world.ts';

const panel = usePanel();
const complaints: string[][] = [];
/** The browser logs refused requests, and requests that a page aborts when it is left. */
const EXPECTED = /status of 4(?:00|01|03|04|09|22)|ERR_ABORTED|ERR_FAILED/;
after(() => {
  const told = complaints.flat().filter((each) => !EXPECTED.test(each));
  assert.deepEqual(told, []);
});

async function open(path: string): Promise<Page> {
  const { context, server } = panel();
  const page = await context.newPage();
  complaints.push(gatherComplaints(page));
  await page.goto(`${server.origin}${path}`);
  await settled(page);
  return page;
}

/** Checks the open page in both themes. */
async function assertAccessible(page: Page): Promise<void> {
  // Data that is being reloaded is pale.
  await page.locator('.is-stale').waitFor({ state: 'detached' });
  await turn(page, 'light');
  assert.deepEqual(await findViolations(page), []);
  await turn(page, 'dark');
  assert.deepEqual(await findViolations(page, 'color-contrast'), []);
}

async function choose(page: Page, name: string, buffer: Buffer): Promise<void> {
  await page
    .locator('input[type=file]')
    .setInputFiles({ name, mimeType: 'application/wasm', buffer });
}

test('a refused module is reported with its reason, a refused name at its field, and the input stays', async () => {
  const page = await open('/panel/deploy');
  const deploy = page.getByRole('button', { name: 'Deploy', exact: true });
  await page.getByLabel('Note').fill('the first');
  await choose(
    page,
    '<b>.wasm',
    await buildModule('', { fields: '(import "evil" "f" (func))' }).catch(() =>
      Buffer.from('no module'),
    ),
  );
  await page.getByRole('alert').waitFor();
  assert.ok(await deploy.isDisabled());
  await choose(page, 'good.wasm', await buildModule('(call $runtime_exit #0)'));
  await page.getByRole('heading', { name: 'The module is valid' }).waitFor();
  await page.getByText('cwa.runtime_exit').waitFor();
  await assertAccessible(page);
  const name = page.getByRole('textbox', { name: 'Name' });
  await name.fill('Not A Name');
  await deploy.click();
  await page.getByText(/^It is .*; it must be/).waitFor();
  await name.fill('weather');
  await deploy.click();
  await page.locator('.field-error', { hasText: 'weather' }).waitFor();
  assert.equal(await page.getByLabel('Note').inputValue(), 'the first');
  await page.getByRole('button', { name: 'Generate' }).click();
  await page.waitForFunction(() =>
    /-/.test(document.querySelector<HTMLInputElement>('.target input.mono')?.value ?? ''),
  );
  await deploy.click();
  await page.getByRole('heading', { name: /^Version 1 of .* is active$/ }).waitFor();
  await page.close();
});

test('an upload shows its progress, and repeating a failed one makes no second version', async () => {
  const { context, server } = panel();
  const page = await open('/panel/deploy?handler=tomorrow');
  await choose(page, 'good.wasm', await buildModule('(call $runtime_exit #0)'));
  await page.getByRole('heading', { name: 'The module is valid' }).waitFor();
  let attempts = 0;
  const keys = new Set<string | undefined>();
  await page.route('**/api/deployments', async (route) => {
    attempts += 1;
    keys.add(route.request().headers()['idempotency-key']);
    // The server receives the upload, and the response is lost.
    const answer = await route.fetch();
    if (attempts === 1) return route.abort();
    await page.getByRole('progressbar', { name: 'Upload' }).waitFor();
    return route.fulfill({ response: answer });
  });
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByText(/cannot be reached/).waitFor();
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByRole('heading', { name: 'Version 1 of tomorrow is active' }).waitFor();
  assert.equal(keys.size, 1);
  const versions = await ask(context, server, 'GET', '/api/handlers/tomorrow/versions');
  assert.equal(JSON.stringify(versions).match(/"number"/g)?.length, 1);
  await page.close();
});

test('a token is shown once, works, is not kept in the page, and is refused once revoked', async () => {
  const { server } = panel();
  const page = await open('/panel/tokens');
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name').fill('<script>alert(1)</script>');
  await page.getByRole('button', { name: 'Read only' }).click();
  await assertAccessible(page);
  await page.getByRole('button', { name: 'Create token' }).click();
  const token = await page.getByRole('region', { name: 'Token', exact: true }).innerText();
  assert.match(token, /^ey[\w-]+\.[\w-]+\.[\w-]+$/);
  await assertAccessible(page);
  const whoami = async (): Promise<Response> =>
    fetch(`${server.origin}/api/whoami`, { headers: { authorization: `Bearer ${token}` } });
  const known = await whoami();
  assert.equal(known.status, 200);
  assert.deepEqual(field(await known.json(), 'scopes'), [
    'account:read',
    'handlers:read',
    'executions:read',
  ]);
  const kept = await page.evaluate(() =>
    JSON.stringify([
      location.href,
      history.state,
      Object.entries(localStorage),
      Object.entries(sessionStorage),
      document.cookie,
    ]),
  );
  assert.ok(!kept.includes(token.slice(0, 20)), 'the token must not stay in the page');
  // The browser keeps the page for the Back button.
  await page.evaluate(() => globalThis.dispatchEvent(new Event('pagehide')));
  await page.getByRole('region', { name: 'Token', exact: true }).waitFor({ state: 'detached' });
  assert.ok(!(await page.content()).includes(token));
  await page.reload();
  await page.getByRole('row', { name: /alert\(1\)/ }).waitFor();
  assert.ok(!(await page.content()).includes(token));

  await page.getByRole('button', { name: /^Revoke <script>/ }).click();
  await assertAccessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click();
  await page.getByText(/^revoked/).waitFor();
  assert.equal((await whoami()).status, 401);
  await page.close();
});

test('usage shows what each handler used and what is left of the tier', async () => {
  const page = await open('/panel/usage?days=7');
  await page.getByRole('row', { name: /weather/ }).waitFor();
  assert.match(await page.locator('.meters').innerText(), /Runs per day\s+[1-9]\d* of 50,000/);
  assert.match(await page.locator('.meters').innerText(), /Total size .*\s+[\d.]+ KiB of \d+ MiB/);
  await page.getByRole('link', { name: '90 days' }).click();
  await page.waitForURL('**/panel/usage?days=90');
  await page.getByText('Show as table').click();
  const today = new Date().toISOString().slice(0, 10);
  await page.getByRole('row', { name: new RegExp(today) }).waitFor();
  await page.close();
});

test('an administrator can find a user, lock it with a reason and unlock it; others have no such pages', async () => {
  const { server, browser } = panel();
  const other = await browser.newContext();
  const theirs = await other.newPage();
  complaints.push(gatherComplaints(theirs));
  await signIn(theirs, server, 'eve-from-afar');
  for (const path of ['users', 'applications', 'audit']) {
    await theirs.goto(`${server.origin}/panel/admin/${path}`);
    await theirs.getByRole('heading', { name: 'This page is for administrators' }).waitFor();
  }
  await theirs.goto(`${server.origin}/panel/apply`);
  await theirs.getByLabel('What do you want').fill('short');
  await theirs.getByRole('button', { name: 'Apply' }).click();
  await theirs.getByText(/^It is .*; it must be/).waitFor();
  await theirs.getByLabel('What do you want').fill('<img src=x onerror=alert(1)> and more');
  await theirs.getByRole('button', { name: 'Apply' }).click();
  await theirs.getByText('is being reviewed').waitFor();

  const page = await open('/panel/admin/users');
  await page.getByLabel('Name contains').fill('eve-from');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.waitForURL(/search=eve-from/);
  await page.getByRole('button', { name: 'Lock eve-from-afar' }).click();
  await page.getByLabel('Reason').fill('asked for it');
  await assertAccessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Lock' }).click();
  const undo = await holdToast(page, 'eve-from-afar is locked');
  await page.getByText('asked for it').waitFor();
  assert.equal((await other.request.get(`${server.origin}/api/whoami`)).status(), 403);
  await undo.click();
  await page.getByRole('button', { name: 'Lock eve-from-afar' }).waitFor();
  await page.getByRole('button', { name: 'Change the tier of eve-from-afar' }).click();
  await page.getByLabel('Tier', { exact: true }).selectOption('2');
  await page.getByRole('dialog').getByRole('button', { name: 'Change the tier' }).click();
  await page.getByText('eve-from-afar now has tier 2.').waitFor();

  await page.goto(`${server.origin}/panel/admin/applications`);
  await page.getByText('<img src=x onerror=alert(1)> and more').waitFor();
  await page.getByRole('button', { name: 'Refuse eve-from-afar' }).click();
  await page.getByLabel('Answer').fill('Not now.');
  await page.getByRole('dialog').getByRole('button', { name: 'Refuse' }).click();
  await page.getByText('No pending applications').waitFor();
  await theirs.reload();
  await theirs.getByText('Not now.').waitFor();
  await theirs.getByRole('heading', { name: 'You can deploy' }).waitFor();

  // After the first 403, the page updates what it shows about its user.
  await theirs.getByRole('navigation').getByRole('link', { name: 'Deploy' }).click();
  await theirs.locator('input[type=file]').waitFor({ state: 'attached' });
  await page.goto(`${server.origin}/panel/admin/users?search=eve-from`);
  await page.getByRole('button', { name: 'Change the tier of eve-from-afar' }).click();
  await page.getByLabel('Tier', { exact: true }).selectOption('0');
  await page.getByRole('dialog').getByRole('button', { name: 'Change the tier' }).click();
  await page.getByText('eve-from-afar now has tier 0.').waitFor();
  await choose(theirs, 'good.wasm', await buildModule('(call $runtime_exit #0)'));
  await theirs.getByRole('heading', { name: 'Deploying requires the free tier' }).waitFor();

  await page.goto(`${server.origin}/panel/admin/audit`);
  await page.getByLabel('Action').fill('user.update');
  await page.getByRole('button', { name: 'Show' }).click();
  await page
    .getByRole('row', { name: /ana changed user\.update/ })
    .first()
    .waitFor();
  await other.close();
  await page.close();
});

test('no other site can show the panel in a frame, or change anything with its session', async () => {
  const { context, server } = panel();
  const page = await context.newPage();
  const answer = await page.goto(`${server.origin}/panel/tokens`);
  const policy = answer?.headers()['content-security-policy'] ?? '';
  assert.match(policy, /frame-ancestors 'none'/);
  assert.match(policy, /script-src 'self';/);
  const forged = await context.request.post(`${server.origin}/api/tokens`, {
    headers: { origin: 'https://evil.example' },
    data: { name: 'forged', scopes: ['admin'] },
  });
  assert.equal(forged.status(), 403);
  assert.equal(textField(await forged.json(), 'code'), 'foreign-origin');
  // Paths in the URL never lead outside the panel.
  for (const path of ['?returnTo=https://evil.example', '/authorize?port=80@evil.example']) {
    await page.goto(`${server.origin}/panel${path}`);
    await settled(page);
    assert.equal(new URL(page.url()).origin, server.origin);
    const links = page.locator('a[href]');
    const origins = await links.evaluateAll((all) =>
      all.map((each) => new URL(each.getAttribute('href') ?? '', location.href).origin),
    );
    assert.deepEqual([...new Set(origins)], [server.origin]);
  }
  await page.close();
});
