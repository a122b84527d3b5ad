/** The pages of one handler in a real Chromium, also with an attacker's module. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { quarantine } from '../../server/db/handlers/standing.ts';
import { field, textField } from '../setup/servers/api-server.ts';
import { gatherComplaints } from '../setup/browser.ts';
import { findViolations, holdToast, settled, usePanel } from '../setup/panel-browser.ts';
import { ask } from '../setup/servers/panel-server.ts';
import { buildModule } from '../setup/panel-world.ts';

const panel = usePanel();
const complaints: string[][] = [];
/** The browser logs refused requests, and requests that a page aborts when it is left. */
const EXPECTED = /status of 4(?:00|04|09|22)|ERR_ABORTED/;
after(() =>
  assert.deepEqual(
    complaints.flat().filter((each) => !EXPECTED.test(each)),
    [],
  ),
);

async function open(path: string): Promise<Page> {
  const { context, server } = panel();
  const page = await context.newPage();
  complaints.push(gatherComplaints(page));
  await page.goto(`${server.origin}${path}`);
  await settled(page);
  return page;
}

/** Text typed before the editor has the focus would be lost. */
async function focusEditor(page: Page): Promise<void> {
  await page.locator('.monaco-editor').first().click();
  await page.locator('.monaco-editor.focused').waitFor();
}

/** Reads something about a handler from the API. */
async function read(path: string, what: string): Promise<unknown> {
  const { context, server } = panel();
  return field(await ask(context, server, 'GET', `/api/handlers/${path}`), what);
}

async function deploy(name: string, body: string, settings: object = {}): Promise<void> {
  const { context, server } = panel();
  await ask(context, server, 'POST', '/api/handlers', { name, ...settings });
  await ask(context, server, 'POST', `/api/handlers/${name}/versions`, await buildModule(body));
}

test('a private handler is tried with a short-lived token, which is revoked on leaving the page', async () => {
  const { context, server } = panel();
  await deploy('vault', String.raw`(call $show "Content-Type: text/plain\n\nopen\n")`, {
    private: true,
  });
  const page = await open('/panel/handlers/vault/try');
  await page.getByText('Authorization: Bearer $TRISIEL_TOKEN').waitFor();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('200 OK').waitFor();
  await page.getByRole('region', { name: 'Body' }).getByText('open').waitFor();
  const tokens = async (): Promise<{ scopes: string[]; revokedAt: string | null }[]> =>
    JSON.parse(JSON.stringify(field(await ask(context, server, 'GET', '/api/tokens'), 'items')));
  const [made, ...others] = await tokens();
  assert.deepEqual(made?.scopes, ['handlers:call']);
  assert.equal(made.revokedAt, null);
  assert.deepEqual(others, []);

  await page.getByRole('link', { name: 'Log and bill' }).click();
  await page.waitForURL('**/panel/executions/**');
  await page.getByRole('heading', { name: 'Response' }).waitFor();
  await assertSoon(async () => (await tokens())[0]?.revokedAt !== null, 'the token still works');
  await page.close();
});

test('a token is sent neither to another handler nor along a redirect', async () => {
  await deploy('lure', String.raw`(call $show "Status: 302\nLocation: /run/weather/\n\n")`, {
    private: true,
  });
  const { context, server } = panel();
  const runs = async (): Promise<unknown> =>
    field(await ask(context, server, 'GET', '/api/executions?handler=weather'), 'items');
  const before = await runs();
  const page = await open('/panel/handlers/lure/try');
  await page.getByLabel('Path and query').fill('/../weather/');
  await page.getByText('The path leaves the handler.').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Send' }).isDisabled());
  await page.getByLabel('Path and query').fill('/a');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('The handler redirects.').waitFor();
  // By the time its own run is recorded, another handler's run would be, too.
  await assertSoon(async () => {
    const lured = await ask(context, server, 'GET', '/api/executions?handler=lure');
    return JSON.stringify(lured).includes('"/run/lure/a"');
  }, 'the handler’s own run is not recorded');
  assert.deepEqual(await runs(), before);
  await page.close();
});

test('a call that takes too long can be stopped', async () => {
  await deploy('slow', '(call $runtime_msleep #9000)');
  const page = await open('/panel/handlers/slow/try');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Waiting for the response …').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Stopped before a response arrived.').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await page.close();
});

test('a reply with markup, control characters or binary data is shown safely', async () => {
  const page = await open('/panel/handlers/hostile/try');
  await page.getByRole('button', { name: 'Send' }).click();
  const body = page.getByRole('region', { name: /^Body/ });
  await body.getByText('<b>no markup</b> ␇').waitFor();
  await page.getByRole('button', { name: 'Show as bytes' }).click();
  await body.getByText('00000000  3c 62 3e 6e').waitFor();
  assert.match(await page.title(), /^Try hostile/);

  await deploy('bytes', String.raw`(call $show "Content-Type: image/png\n\n\89PNG\00\ff")`);
  const other = await open('/panel/handlers/bytes/try');
  await other.getByLabel('Method').selectOption('POST');
  await other.getByLabel('Headers').fill('X-A: 1\nCookie: a=b');
  await other
    .getByText('Browsers do not let pages set Cookie. Use the curl command instead.')
    .waitFor();
  await other.getByLabel('Body').fill("it's");
  await other.getByText(String.raw`--data-raw 'it'\''s'`).waitFor();
  await other.getByRole('button', { name: 'Send' }).click();
  await other.getByText('00000000  89 50 4e 47 00 ff').waitFor();
  await Promise.all([page.close(), other.close()]);
});

test('pasted lines are set at once; values are never shown, and a key that a request variable hides is reported', async () => {
  const page = await open('/panel/handlers/weather/configuration');
  await page.getByRole('heading', { name: 'No configuration yet' }).waitFor();
  const lines = page.getByLabel('KEY=VALUE lines');
  await lines.fill('STATION=7\nno equals');
  await page.getByText('Line 2, column 1: there is no "="').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Set keys' }).isDisabled());
  await lines.fill('STATION="hush-hush"\nUNIT=celsius # metric');
  await page.getByText('New: STATION, UNIT.').waitFor();
  await page.getByRole('button', { name: 'Set 2 keys' }).click();
  await page.getByRole('row', { name: /STATION/ }).waitFor();
  assert.equal(await lines.inputValue(), '');
  assert.doesNotMatch(await page.content(), /hush-hush|celsius/);
  assert.deepEqual(JSON.stringify(await read('weather/config', 'keys')).match(/"key":"\w+"/g), [
    '"key":"STATION"',
    '"key":"UNIT"',
  ]);

  await page.getByLabel('Key', { exact: true }).fill('HTTP_HOST');
  await page.getByLabel('Value', { exact: true }).fill('kept');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await page.getByText(/it must be another key: not HTTP_/).waitFor();
  assert.equal(await page.getByLabel('Value', { exact: true }).inputValue(), 'kept');

  await page.getByRole('button', { name: 'Unset UNIT' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Unset' }).click();
  await page.getByText('UNIT is unset.').waitFor();
  await page.getByRole('row', { name: /UNIT/ }).waitFor({ state: 'detached' });
  await page.close();
});

test('a policy is checked while it is typed, saved, and reverted', async () => {
  const page = await open('/panel/handlers/weather/policy');
  const save = page.getByRole('button', { name: 'Save', exact: true });
  await focusEditor(page);
  await page.keyboard.type('allow (\n^https://b\n)\ndisallow ^https://a[');
  await page
    .getByRole('button', { name: /^Line 4, column \d+: .*is not an RE2 expression/ })
    .waitFor();
  await page.locator('.squiggly-error').waitFor();
  assert.ok(await save.isDisabled());
  assert.deepEqual(await findViolations(page), []);
  await page.getByRole('button', { name: 'Discard' }).click();
  await focusEditor(page);
  await page.keyboard.type('disallow ^https://example');
  await page.getByText(/^valid: 256 pages/).waitFor();
  // Evaluates a URL with the policy as typed, before it is saved.
  const question = page.getByRole('region', { name: 'Test a URL' });
  await question.getByLabel('URL').fill('https://a/../x');
  await question.getByText('Allowed: no line refuses it').waitFor();
  await question.getByLabel('URL').fill('https://example.org/<b>');
  await question
    .getByText('Refused by disallow ^https://example (line 1).', { exact: true })
    .waitFor();
  assert.deepEqual(await findViolations(page), []);
  await question.getByRole('button', { name: 'Go to line 1' }).click();
  await page.locator('.monaco-editor.focused').waitFor();
  await page.keyboard.press('ControlOrMeta+S');
  const undo = await holdToast(
    page,
    'The policy of weather is saved and applies from the next run.',
  );
  assert.equal(await read('weather/policy', 'policy'), 'disallow ^https://example');
  await undo.click();
  await page.getByText('saved', { exact: true }).waitFor();
  await assertSoon(async () => (await read('weather/policy', 'policy')) === null, 'no undo');
  assert.doesNotMatch(await page.locator('.monaco-editor').first().innerText(), /example/);
  // With a keyboard, Escape leaves the editor.
  await focusEditor(page);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.closest('.monaco-editor') === null);
  await page.close();
});

test('refused settings keep the input, and deleting can be undone at once', async () => {
  await deploy('brief', String.raw`(call $show "Content-Type: text/plain\n\nhi\n")`);
  const page = await open('/panel/handlers/brief/settings');
  await page.getByLabel('Name').fill('weather');
  await page.getByLabel('Description').fill('<img src=x onerror=alert(1)>');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByLabel('Description').inputValue(), '<img src=x onerror=alert(1)>');
  await page.getByLabel('Name').fill('briefer');
  await page.getByLabel('Private').check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The settings of briefer are saved.').waitFor();
  await page.waitForURL('**/panel/handlers/briefer/settings');
  assert.equal(await page.locator('main img').count(), 0);
  assert.equal(await read('briefer', 'private'), true);

  await page.getByRole('button', { name: 'Delete handler' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Delete handler' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete handler' }).click();
  await page.getByRole('heading', { level: 1, name: 'Handlers' }).waitFor();
  await (await holdToast(page, 'briefer is deleted.')).click();
  await page.waitForURL('**/panel/handlers/briefer/settings');
  await page.getByLabel('Name').waitFor();
  assert.equal(await read('briefer', 'deletedAt'), null);
  await page.close();
});

test('versions can be compared by their imports, downloaded, and deleted when inactive', async () => {
  const { context, server } = panel();
  const one = await buildModule('(call $runtime_exit #0)');
  const other = await buildModule(String.raw`(call $show "Content-Type: text/plain\n\nhi\n")`);
  await deploy('twice', '(call $runtime_exit #0)');
  await ask(context, server, 'POST', '/api/handlers/twice/versions?note=%3Cb%3Enew', other);
  const page = await open('/panel/handlers/twice/versions');
  await page.getByRole('heading', { name: 'Activation history', exact: true }).waitFor();
  await page.getByText('<b>new').waitFor();
  assert.match(await page.locator('.diff').innerText(), /Size/);
  await page.getByLabel('To version', { exact: true }).selectOption('1');
  await page.waitForURL(/to=1/);
  const loading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download the module of version 1' }).click();
  const file = await (await loading).createReadStream();
  const bytes = Buffer.concat(await file.toArray());
  assert.deepEqual(bytes, one);
  await page.getByRole('button', { name: 'Delete version 1' }).click();
  assert.deepEqual(await findViolations(page), []);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete version' }).click();
  await page.getByText('Version 1 of twice is deleted.').waitFor();
  await page.getByRole('button', { name: 'Delete version 1' }).waitFor({ state: 'detached' });
  const left = await ask(context, server, 'GET', '/api/handlers/twice/versions');
  assert.deepEqual(JSON.stringify(left).match(/"number":\d/g), ['"number":2']);
  await page.close();
});

test('the owner of a quarantined version sees why it does not run and what to do', async () => {
  const { context, server } = panel();
  await deploy('risky', '(call $runtime_exit #0)');
  const path = '/panel/handlers/risky/versions';
  const first = await open(path);
  await first.getByText('probation, 0 of 20', { exact: true }).waitFor();
  await first.close();
  const ownerId = textField(await ask(context, server, 'GET', '/api/whoami'), 'id');
  const digest = textField(
    await ask(context, server, 'GET', '/api/handlers/risky/versions/1'),
    'digest',
  );
  await server.db.transaction((tx) => quarantine(tx, [{ ownerId, digest }], 'hung', 24));
  const page = await open(path);
  await page.getByText('quarantined', { exact: true }).waitFor();
  await page.getByText(/a run blocked its process\. Upload a fixed version/).waitFor();
  assert.deepEqual(await findViolations(page), []);
  await page.close();
});

test('a refused first deploy leaves no empty handler, and succeeds when it is sent again', async () => {
  const { server, context } = panel();
  const page = await open('/panel/deploy');
  const buffer = await buildModule('(call $runtime_exit #0)');
  await page
    .locator('.drop-zone input')
    .setInputFiles({ name: 'a.wasm', mimeType: 'application/wasm', buffer });
  await page.getByRole('heading', { name: 'The module is valid' }).waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('weather');
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByText('The name weather is taken.', { exact: false }).waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('whole-or-nothing');
  const pattern = '**/api/deployments';
  await page.route(pattern, (route) =>
    route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      json: { code: 'module-refused', status: 422, title: 'Module refused', detail: 'It is not.' },
    }),
  );
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByText('It is not.').waitFor();
  const list = await ask(context, server, 'GET', '/api/handlers?limit=100');
  assert.doesNotMatch(JSON.stringify(list), /whole-or-nothing/);
  await page.unroute(pattern);
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByRole('heading', { name: 'Version 1 of whole-or-nothing is active' }).waitFor();
  await page.close();
});

/** Waits until a condition holds. */
async function assertSoon(check: () => Promise<boolean>, otherwise: string): Promise<void> {
  const until = performance.now() + 10_000;
  while (!(await check())) {
    assert.ok(performance.now() < until, otherwise);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
