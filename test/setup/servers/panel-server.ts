/** A complete server in this process, with the built panel, and functions to sign in with a browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { findFreePort } from '../../../scripts/services/free-port.ts';
import { registerApi } from '../../../server/api/app.ts';
import { readConfig } from '../../../server/config.ts';
import type { Database } from '../../../server/db/connection/database.ts';
import { createExecutor } from '../../../server/executor/service.ts';
import { openSealer } from '../../../server/sealer.ts';
import { openStore } from '../../../server/store/open.ts';
import { buildWebApp } from '../../../server/web/app.ts';
import { openPostgres } from '../../../server/db/connection/postgres.ts';
import { openMigratedPglite } from './new-pglite.ts';
import { createSharedDatabase } from './test-postgres.ts';

export interface PanelServer {
  readonly origin: string;
  readonly runOrigin: string;
  readonly db: Database;
  stop(): Promise<void>;
}

/** `SITE_DIR` names another build than the one in `dist/`. */
const DIST = process.env['SITE_DIR'] ?? fileURLToPath(new URL('../../../dist', import.meta.url));

/**
 * Uses the PostgreSQL of the run, or PGlite if there is none. @param settings additional settings, for a web origin
 */
export async function startPanelServer(
  settings: (webOrigin: string) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Promise<PanelServer> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-panel-'));
  const web = await findFreePort();
  const run = await findFreePort();
  const shared = await createSharedDatabase();
  const config = readConfig(
    {
      DATA_DIR: folder,
      ...(shared === undefined ? {} : { DATABASE_URL: shared.url }),
      LOG_LEVEL: 'silent',
      REQUESTS_PER_MINUTE: '100000',
      ...(await settings(`http://localhost:${web}`)),
    },
    { web, run },
  );
  const db =
    shared === undefined
      ? await openMigratedPglite()
      : openPostgres({ url: shared.url, pool: config.databasePool });
  const parts = { config, db, store: openStore(config), sealer: await openSealer(config) };
  const app = await buildWebApp({ siteDir: DIST, runOrigin: config.runOrigin });
  await registerApi(app, parts);
  await app.listen({ host: '127.0.0.1', port: web });
  const executor = createExecutor(parts);
  await executor.app.listen({ host: '127.0.0.1', port: run });
  await executor.open();
  return {
    origin: config.webOrigin,
    runOrigin: config.runOrigin,
    db,
    async stop() {
      await executor.close();
      await app.close();
      await db.close();
      await shared?.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Signs in through the panel's link and the local issuer's page. */
export async function signIn(page: Page, server: PanelServer, name: string): Promise<void> {
  await page.goto(`${server.origin}/panel/`);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
}

/** Sends a request to the API with the session of a browser. */
export async function ask(
  context: BrowserContext,
  server: PanelServer,
  method: string,
  path: string,
  data?: unknown,
): Promise<unknown> {
  const answer = await context.request.fetch(`${server.origin}${path}`, {
    method,
    headers: {
      origin: server.origin,
      ...(data instanceof Buffer ? { 'content-type': 'application/wasm' } : {}),
    },
    ...(data === undefined ? {} : { data }),
  });
  const text = await answer.text();
  if (!answer.ok()) throw new Error(`${method} ${path} answered ${answer.status()}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
