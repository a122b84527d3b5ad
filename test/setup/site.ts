/** The built site and the run origin on free ports, for tests and benchmarks. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadExamples } from '../../examples/load.ts';
import { buildExecutorApp } from '../../server/executor/app.ts';
import { guestPlatforms } from '../../server/executor/egress/platform.ts';
import { exampleHandlers } from '../../server/executor/handlers/examples.ts';
import { buildWebApp } from '../../server/web/app.ts';

export interface Site {
  /** Origin of the documentation, such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** Origin of the handlers. */
  readonly runOrigin: string;
  stop(): Promise<void>;
}

/** `SITE_DIR` names another build than the one in `dist/`. */
const DIST = process.env['SITE_DIR'] ?? fileURLToPath(new URL('../../dist', import.meta.url));

/** Serves `dist/`, which `npm run build` fills and `npm test` builds first. */
export async function startSite(): Promise<Site> {
  if (!existsSync(DIST)) throw new Error(`${DIST} is missing: run npm run build first.`);
  // The handlers fetch from the web origin, whose port is known once it listens.
  const web = await buildWebApp({ siteDir: DIST, runOrigin: 'http://127.0.0.1:4001' });
  const origin = await web.listen({ port: 0, host: '127.0.0.1' });
  const executor = buildExecutorApp({
    findHandler: exampleHandlers(await loadExamples(), origin),
    platformFor: guestPlatforms({ allowedOrigins: [origin] }),
  });
  const runOrigin = await executor.listen({ port: 0, host: '127.0.0.1' });
  return {
    origin,
    runOrigin,
    async stop() {
      await Promise.all([web.close(), executor.close()]);
    },
  };
}
