/** Signing in with a real Gitea and a real Dex, in a real browser. */
import assert from 'node:assert/strict';
import { after, before, suite, test, type TestContext } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startDex } from '../../scripts/services/dex-server.ts';
import { startGitea, type GiteaServer } from '../../scripts/services/gitea-server.ts';
import { textField } from '../setup/servers/api-server.ts';
import { atEnd } from '../setup/at-end.ts';
import { launchBrowser } from '../setup/browser.ts';
import { newPerson } from '../setup/command.ts';
import { ask, startPanelServer, type PanelServer } from '../setup/servers/panel-server.ts';

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

async function newContext(t: TestContext): Promise<BrowserContext> {
  const context = await browser.newContext();
  context.setDefaultTimeout(60_000);
  atEnd(t, () => context.close());
  return context;
}

/** Goes from the panel to the issuer's page. */
async function leave(page: Page, server: PanelServer): Promise<void> {
  await page.goto(`${server.origin}/panel/`);
  await page.getByRole('link', { name: 'Sign in' }).click();
}

async function arrived(page: Page, server: PanelServer, username: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  const me = await ask(page.context(), server, 'GET', '/api/whoami');
  assert.equal(textField(me, 'username'), username);
  await page.getByText(username, { exact: true }).first().waitFor();
}

suite('with Gitea', () => {
  let started: GiteaServer | { readonly reason: string };
  before(async () => {
    started = await startGitea();
  });
  after(async () => {
    if (!('reason' in started)) await started.stop();
  });

  async function serve(
    t: TestContext,
    gitea: GiteaServer,
    more: Readonly<Record<string, string>>,
  ): Promise<PanelServer> {
    const server = await startPanelServer(async (origin) => {
      const { id, secret } = await gitea.addApplication(`${origin}/login/callback`);
      return { OIDC_CLIENT_ID: id, OIDC_CLIENT_SECRET: secret, ...more };
    });
    atEnd(t, () => server.stop());
    return server;
  }

  async function giveName(page: Page, gitea: GiteaServer, username: string): Promise<void> {
    await page.locator('input[name=user_name]').fill(username);
    await page.locator('input[name=password]').fill(gitea.password);
    await page.locator('input[name=password]').press('Enter');
  }

  test('a user signs in repeatedly, refuses, is renamed, and authorizes the command', async (t) => {
    if ('reason' in started) return t.skip(started.reason);
    const gitea = started;
    const server = await serve(t, gitea, { OIDC_ISSUER: `${gitea.origin}/` });
    const context = await newContext(t);
    const page = await context.newPage();

    await leave(page, server);
    await giveName(page, gitea, gitea.username);
    await page.locator('button[name=granted][value=false]').click();
    await page.getByRole('heading', { name: 'Sign-in failed' }).waitFor();
    assert.match(await page.getByRole('alert').innerText(), /did not allow the identity provider/);
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.locator('button[name=granted][value=true]').click();
    await arrived(page, server, gitea.username);
    const id = textField(await ask(context, server, 'GET', '/api/whoami'), 'id');

    const ada = await newPerson(t, { TRISIEL_SERVER: server.origin });
    const shown = Promise.withResolvers<string>();
    const ended = ada.run(['login', '--no-browser', '--json'], {
      onOutput: (text) => shown.resolve(text),
    });
    await page.goto(textField(JSON.parse(await shown.promise), 'open'));
    await page.getByRole('button', { name: 'Allow' }).click();
    // The command may end before the browser has shown its page, which the next navigation would interrupt.
    await page.waitForURL('http://127.0.0.1:*/callback?*');
    const ran = await ended;
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(textField(JSON.parse(ran.stdout), 'username'), gitea.username);

    // The grant exists, so Gitea does not ask; the account stays the same when its name changes.
    await gitea.rename(gitea.username, 'lovelace');
    atEnd(t, () => gitea.rename('lovelace', gitea.username));
    await page.goto(`${server.origin}/login?returnTo=%2Fpanel%2F`);
    await arrived(page, server, 'lovelace');
    assert.equal(textField(await ask(context, server, 'GET', '/api/whoami'), 'id'), id);
  });

  test('a user signs in twice with the three endpoints, with either spelling of the issuer', async (t) => {
    if ('reason' in started) return t.skip(started.reason);
    const gitea = started;
    for (const slash of ['/', '']) {
      const server = await serve(t, gitea, {
        OIDC_ISSUER: `${gitea.origin}${slash}`,
        OIDC_AUTHORIZATION_ENDPOINT: `${gitea.origin}/login/oauth/authorize`,
        OIDC_TOKEN_ENDPOINT: `${gitea.origin}/login/oauth/access_token`,
        OIDC_USERINFO_ENDPOINT: `${gitea.origin}/login/oauth/userinfo`,
      });
      const page = await (await newContext(t)).newPage();
      await leave(page, server);
      await giveName(page, gitea, gitea.username);
      await page.locator('button[name=granted][value=true]').click();
      await arrived(page, server, gitea.username);
      await page.goto(`${server.origin}/login?returnTo=%2Fpanel%2F`);
      await arrived(page, server, gitea.username);
    }
  });
});

test('with Dex, a user signs in and is named by the verified e-mail address', async (t) => {
  let reason: string | undefined;
  let credentials = { email: '', password: '' };
  const server = await startPanelServer(async (origin) => {
    const dex = await startDex(`${origin}/login/callback`);
    if ('reason' in dex) {
      ({ reason } = dex);
      return {};
    }
    atEnd(t, () => dex.stop());
    credentials = dex;
    const { issuer, clientId, clientSecret } = dex;
    return { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret };
  });
  atEnd(t, () => server.stop());
  if (reason !== undefined) return t.skip(reason);
  const page = await (await newContext(t)).newPage();
  for (let time = 0; time < 2; time += 1) {
    if (time === 0) await leave(page, server);
    else await page.goto(`${server.origin}/login?returnTo=%2Fpanel%2F`);
    await page.locator('input[name=login]').fill(credentials.email);
    await page.locator('input[name=password]').fill(credentials.password);
    await page.locator('input[name=password]').press('Enter');
    await page.getByRole('button', { name: 'Grant Access' }).click();
    await arrived(page, server, credentials.email);
  }
});
