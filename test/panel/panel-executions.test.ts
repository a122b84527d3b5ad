/** Executions, the live log and the sign-in of the command, in a real Chromium. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { field } from '../setup/servers/api-server.ts';
import { findViolations, openPage, usePanel } from '../setup/panel-browser.ts';
import { ask } from '../setup/servers/panel-server.ts';
import { call } from '../setup/panel-world.ts';

const panel = usePanel();

test('a guest’s output is shown as text, with its control characters visible', async () => {
  const { executions } = panel();
  const page = await openPage(panel(), `/panel/executions/${executions['hostile']}`);
  const main = await page.locator('main').innerText();
  assert.match(main, /␛\[31mred␛\[0m <img src=x onerror=document\.title=1> <U\+202E>right to left/);
  assert.match(main, /<b>no markup<\/b> ␇/);
  assert.equal(await page.locator('main img, main b:not(.trace b)').count(), 0);
  assert.equal(await page.title(), 'Execution · Trisiel');
  await page.getByLabel('Hex').check();
  assert.match(await page.locator('main').innerText(), /3c 62 3e 6e 6f 20 6d 61/);
  await page.close();
});

test('an execution shows why it was stopped, its system calls, and its cost', async () => {
  const { executions } = panel();
  const broken = await openPage(panel(), `/panel/executions/${executions['tiles']}`);
  const text = await broken.locator('main').innerText();
  assert.match(text, /Stopped: trap/);
  assert.match(text, /divided an integer by zero/);
  assert.match(text, /the map has no tile 12\/5/);
  assert.match(text, /Not recorded\. Turn on tracing/);
  assert.ok((await broken.locator('.backtrace li').count()) >= 3);
  await broken.close();

  const page = await openPage(panel(), `/panel/executions/${executions['weather']}`);
  const rows = page.locator('.trace li');
  assert.match(await rows.first().innerText(), /env_get\(key="QUERY_STRING"/);
  assert.match(await page.locator('main').innerText(), /runtime_msleep\(ms=14\)/);
  const section = (name: string) =>
    page.locator('section', { has: page.getByRole('heading', { name, exact: true }) });
  assert.match(await section('Request headers').innerText(), /host\s+127\.0\.0\.1:\d+/i);
  assert.match(await section('Response headers').innerText(), /Content-Type\s+/);
  const bill = page.locator('section', { has: page.getByRole('heading', { name: 'Bill' }) });
  assert.match(await bill.innerText(), /Gas\s+\d+/);
  assert.match(await bill.innerText(), /log_write\s+3/);
  assert.match(await bill.innerText(), /random:\/\//);
  await page.close();
});

test('a run that replied with an error is not shown as succeeded: red for 5xx, amber for 4xx', async () => {
  const page = await panel().context.newPage();
  const replied = [500, 404, 200];
  await page.route('**/api/executions?*', async (route) => {
    const answer = await route.fetch();
    const list: { items: object[] } = await answer.json();
    const items = replied.map((httpStatus, i) => ({
      ...list.items[0],
      id: `00000000-0000-7000-8000-00000000000${i}`,
      status: 'succeeded',
      httpStatus,
    }));
    await route.fulfill({ response: answer, json: { ...list, items } });
  });
  await page.goto(`${panel().server.origin}/panel/handlers/weather/executions`);
  const badges = page.getByRole('table').locator('.badge');
  await badges.first().waitFor();
  assert.deepEqual(await badges.allInnerTexts(), ['error 500', 'error 404', 'succeeded']);
  const classes = await badges.evaluateAll((all) => all.map((each) => each.className));
  assert.deepEqual(classes, ['badge badge-bad', 'badge badge-warn', 'badge badge-good']);
  await page.close();
});

test('executions can be filtered by the class of their HTTP status', async () => {
  const page = await openPage(panel(), '/panel/handlers/weather/executions');
  await page.getByLabel('HTTP').selectOption('5xx');
  await page.getByRole('heading', { name: 'No executions found' }).waitFor();
  assert.equal(new URL(page.url()).search, '?http=5xx');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('table').waitFor();
  await page.close();
});

test('unsaved input survives a visit to another page, and the tab asks before it closes', async () => {
  const page = await openPage(panel(), '/panel/handlers/weather/configuration');
  await page.getByLabel('Key', { exact: true }).fill('API_TOKEN');
  await page.getByLabel('Value', { exact: true }).fill('not sent');
  await page.getByLabel('KEY=VALUE lines').fill('A=b');
  await page.getByRole('link', { name: 'Executions' }).last().click();
  await page.waitForURL('**/executions');
  await page.goBack();
  await page.getByLabel('Key', { exact: true }).waitFor();
  assert.equal(await page.getByLabel('Key', { exact: true }).inputValue(), 'API_TOKEN');
  assert.equal(await page.getByLabel('Value', { exact: true }).inputValue(), 'not sent');
  assert.equal(await page.getByLabel('KEY=VALUE lines').inputValue(), 'A=b');
  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.accept();
});

test('executions can be filtered by status, time and log, and the URL keeps the filter', async () => {
  const page = await openPage(panel(), '/panel/handlers/weather/executions');
  await page.getByLabel('Status').selectOption('failed');
  await page.getByRole('heading', { name: 'No executions found' }).waitFor();
  assert.equal(new URL(page.url()).search, '?status=failed');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('table').waitFor();
  await page.getByLabel('Log contains').fill('SENSOR 3');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.waitForURL(/text=SENSOR/);
  await page.getByRole('table').waitFor();
  await page.getByLabel('Before').fill('2020-01-01T00:00');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('heading', { name: 'No executions found' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'No executions found' }).waitFor();
  assert.equal(await page.getByLabel('Log contains').inputValue(), 'SENSOR 3');
  await page.goBack();
  await page.getByRole('table').waitFor();
  await page.close();
});

test('the live log shows each run at its end with its log lines, and does not change while paused', async () => {
  const { server, context } = panel();
  const page = await context.newPage();
  const tail = '**/api/executions/tail?*';
  await page.route(tail, (route) => route.abort());
  await page.goto(`${server.origin}/panel/handlers/weather`);
  await page.getByText('reconnecting').waitFor();
  await page.unroute(tail);
  const log = page.getByRole('log');
  await page.getByText('live', { exact: true }).waitFor();
  await call(server, 'weather/?from=tail');
  await log.getByText('GET /?from=tail').waitFor();
  await log.getByText('sensor 3 is slow, its last reading is used').first().waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await call(server, 'weather/?while=paused');
  await page.getByRole('button', { name: 'Resume (1 more)' }).waitFor();
  assert.doesNotMatch(await log.innerText(), /while=paused/);
  await page.getByRole('button', { name: 'Resume' }).click();
  await log.getByText('GET /?while=paused').waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();
  // Choosing a filter opens a new stream.
  const narrowed = page.waitForResponse(/executions\/tail\?.*http=2xx/);
  await page.getByRole('region', { name: 'Live log' }).getByLabel('HTTP').selectOption('2xx');
  await narrowed;
  await call(server, 'weather/?while=narrowed');
  await log.getByText('GET /?while=narrowed').waitFor();
  await page.close();
});

test('an error is shown in the server’s words, with a way to try again', async () => {
  const { server, context } = panel();
  const page = await context.newPage();
  const detail = 'The database is away. Try again in a moment.';
  await page.route('**/api/handlers?**', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ title: 'Unavailable', status: 503, detail, code: 'unavailable' }),
    }),
  );
  await page.goto(`${server.origin}/panel/handlers`);
  await page.getByRole('alert').getByText(detail).waitFor();
  await page.unroute('**/api/handlers?**');
  await page.route('**/api/handlers?**', (route) => route.fulfill({ json: {} }));
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'This page cannot be shown' }).waitFor();
  await page.unroute('**/api/handlers?**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: 'weather', exact: true }).waitFor();
  await page.close();
});

test('a deleted handler is found and restored', async () => {
  const { server, context } = panel();
  const page = await openPage(panel(), '/panel/handlers?deleted=yes');
  await page.getByRole('button', { name: 'Restore old-news' }).click();
  await page.getByText('old-news is restored.').waitFor();
  await page.getByRole('heading', { name: 'No deleted handlers' }).waitFor();
  await ask(context, server, 'DELETE', '/api/handlers/old-news');
  await page.close();
});

test('a command is authorized only by a person, its code goes to this machine only, and admin access must be ticked', async () => {
  const { server } = panel();
  let came = Promise.withResolvers<URL>();
  const command = createServer((request, response) => {
    if (request.url?.startsWith('/callback') === true) {
      came.resolve(new URL(request.url, 'http://127.0.0.1'));
    }
    response.end('You may close this window.');
  });
  await new Promise<void>((resolve) => command.listen(0, '127.0.0.1', () => resolve()));
  const address = command.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const asked = new URLSearchParams({
    port: String(port),
    state: 's-1',
    challenge,
    name: 'ana’s laptop',
  });
  /** Returns the scopes of the token that the code is exchanged for. */
  const allow = async (page: Page): Promise<unknown> => {
    came = Promise.withResolvers();
    await page.getByRole('button', { name: 'Allow' }).click();
    const { pathname, searchParams } = await came.promise;
    await page.getByText('You may close this window.').waitFor();
    assert.deepEqual([pathname, searchParams.get('state')], ['/callback', 's-1']);
    const traded = await fetch(`${server.origin}/api/command-logins/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: searchParams.get('code'), verifier }),
    });
    assert.equal(traded.status, 201);
    return field(await traded.json(), 'scopes');
  };
  try {
    const page = await openPage(panel(), `/panel/authorize?${asked}`);
    assert.match(
      await page.locator('main').innerText(),
      /requests a token for ana, named ana’s laptop/,
    );
    assert.doesNotMatch(await page.locator('main').innerText(), /admin/);
    assert.doesNotMatch(JSON.stringify(await allow(page)), /admin/);

    await page.goto(`${server.origin}/panel/authorize?${asked}&admin=yes`);
    const tick = page.getByLabel('Administer this server');
    await page.getByText('It also requests to administer this server').waitFor();
    assert.equal(await tick.isChecked(), false);
    assert.deepEqual(await findViolations(page), []);
    await tick.check();
    assert.match(JSON.stringify(await allow(page)), /"admin"/);

    await page.goto(
      `${server.origin}/panel/authorize?port=22&state=s&challenge=${challenge}&name=x`,
    );
    await page.getByText('Run trisiel login in your terminal').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Allow' }).count(), 0);
    await page.close();
  } finally {
    command.close();
    command.closeAllConnections();
  }
});
