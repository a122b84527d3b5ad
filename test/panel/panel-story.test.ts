/** The panel in a real Chromium, from the first sign-in to a rollback. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { atEnd } from '../setup/at-end.ts';
import { gatherComplaints } from '../setup/browser.ts';
import { holdToast, settled, usePanel } from '../setup/panel-browser.ts';
import { signIn } from '../setup/servers/panel-server.ts';
import { buildModule } from '../setup/panel-world.ts';

const panel = usePanel(false);

function say(word: string): Promise<Buffer> {
  return buildModule(String.raw`(call $show "Content-Type: text/plain\n\n${word}\n")`);
}

/** Drops a file on the drop zone. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name, base64 }) => {
      const data = new DataTransfer();
      const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
      data.items.add(new File([bytes], name, { type: 'application/wasm' }));
      return data;
    },
    { name, base64: bytes.toString('base64') },
  );
  await page.dispatchEvent('.drop-zone', 'drop', { dataTransfer: transfer });
}

test('a new user gets the free tier, deploys a module, calls it, reads its execution, deploys another version and rolls back', async (t) => {
  const { server, browser, context } = panel();
  const dee = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  atEnd(t, () => dee.close());
  const page = await dee.newPage();
  const complaints = gatherComplaints(page);
  const goTo = (name: string): Promise<void> =>
    page.getByRole('link', { name, exact: true }).first().click();
  /** Executors apply a change shortly after the panel shows it. */
  const answers = async (words: string): Promise<void> => {
    const until = performance.now() + 10_000;
    for (;;) {
      const answer = await (await fetch(`${server.runOrigin}/run/greeter/`)).text();
      if (answer === words) return;
      assert.ok(performance.now() < until, `it still answers ${answer}`);
    }
  };

  await signIn(page, server, 'dee');
  await page.getByRole('link', { name: 'Apply for the free tier' }).first().click();
  await page.getByLabel('What do you want to deploy?').fill('A greeter for the front door.');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('heading', { name: 'Your application is being reviewed' }).waitFor();
  const office = await context.newPage();
  await office.goto(`${server.origin}/panel/admin/applications`);
  await office.getByRole('button', { name: 'Approve dee' }).click();
  await office
    .getByRole('dialog')
    .getByRole('button', { name: /^Approve/ })
    .click();
  await office.getByRole('heading', { name: 'No pending applications' }).waitFor();
  await office.close();

  // The tab becomes visible again.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.getByRole('heading', { name: 'You can deploy' }).waitFor();
  await goTo('Overview');
  await page.getByRole('heading', { name: 'Deploy your first handler' }).waitFor();
  await page.getByRole('link', { name: 'Upload a module instead' }).click();
  await page.getByRole('heading', { level: 1, name: 'Deploy' }).waitFor();
  await drop(page, 'no-module.wasm', Buffer.from('not a module'));
  await page.getByRole('alert').waitFor();
  await drop(page, 'greeter.wasm', await say('good morning'));
  await page.getByRole('heading', { name: 'The module is valid' }).waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('greeter');
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByRole('heading', { name: 'Version 1 of greeter is active' }).waitFor();
  await page.getByText(`curl ${server.runOrigin}/run/greeter/`).waitFor();

  await page.getByRole('link', { name: 'Try it' }).click();
  await page.getByRole('button', { name: /^(Send|Call)/ }).click();
  await page.getByText('good morning').first().waitFor();

  await goTo('Executions');
  // The execution reaches the database shortly after its response, and the list does not refresh by itself.
  const execution = page.getByRole('link', { name: 'GET /' });
  for (let tries = 0; tries < 20 && !(await execution.isVisible()); tries += 1) {
    await page.reload();
    await settled(page);
  }
  await execution.click();
  await page.getByRole('heading', { name: 'Response' }).waitFor();
  assert.match(await page.locator('main').innerText(), /good morning/);

  await page.goto(`${server.origin}/panel/handlers/greeter/versions`);
  await page.getByRole('link', { name: 'Upload a version' }).click();
  await drop(page, 'greeter.wasm', await say('good evening'));
  await page.getByRole('heading', { name: 'The module is valid' }).waitFor();
  await page.getByLabel('Note').fill('for the evening');
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByRole('heading', { name: 'Version 2 of greeter is active' }).waitFor();
  await goTo('Versions');
  await page.getByText('for the evening').waitFor();
  await answers('good evening\n');

  await page.getByRole('button', { name: 'Roll back to version 1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
  const undo = await holdToast(page, 'Version 1 of greeter is now active.');
  await answers('good morning\n');
  await undo.click();
  await page.getByRole('button', { name: 'Roll back to version 1' }).waitFor();
  await answers('good evening\n');
  // The browser logs an error for the refused module.
  const told = complaints.filter((each) => !/status of 4(?:01|22|00)|ERR_ABORTED/.test(each));
  assert.deepEqual(told, []);
});
