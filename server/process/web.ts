/** The program of the web process: documentation, panel, API and sign-in. It runs no guest. */
import { openDatabase, openLazily } from '../db/open.ts';
import { serveWeb } from './serve-web.ts';
import { readProcessSettings, runService, siteDir } from './service.ts';

const { config, webPort } = readProcessSettings();
const db = openLazily(() => openDatabase(config, { role: 'api' }), 'postgres');
const web = await serveWeb({ config, siteDir, port: webPort, db });
runService({
  open: () => web.open(),
  async close() {
    await web.close();
    await db.close();
  },
});
