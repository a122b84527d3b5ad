/** Web origin and run origin in one process, on the embedded database, which one process alone may open. */
import type { Config } from '../config.ts';
import { openDatabase, openLazily } from '../db/open.ts';
import { serveGuests } from './serve-guests.ts';
import { serveWeb } from './serve-web.ts';
import { siteDir, type Service } from './service.ts';

export async function serveAlone(
  config: Config,
  { webPort, runPort }: { readonly webPort: number; readonly runPort: number },
): Promise<Service> {
  const db = openLazily(() => openDatabase(config), 'pglite');
  const web = await serveWeb({ config, siteDir, port: webPort, db });
  const guests = await serveGuests({
    config,
    port: runPort,
    db,
    hasExamples: true,
    sharesPort: false,
  });
  return {
    open: async () => void (await Promise.all([web.open(), guests.open()])),
    async close() {
      await Promise.all([web.close(), guests.close()]);
      await db.close();
    },
  };
}
