/** `npm start`: builds the documentation where it changed, then serves it, the API and the examples. */
import { loadExamples } from '../examples/load.ts';
import { registerApi } from '../server/api/app.ts';
import { ConfigError, readConfig, type Config } from '../server/config.ts';
import { openDatabase, openLazily } from '../server/db/open.ts';
import { createExecutor } from '../server/executor/service.ts';
import { listen } from '../server/listen.ts';
import { openSealer } from '../server/sealer.ts';
import { openStore } from '../server/store/open.ts';
import { buildWebApp } from '../server/web/app.ts';
import { buildSite } from './build.ts';
import { findFreePort } from './free-port.ts';
import { say, siteDir } from './paths.ts';

const port = await choosePort(readPort('PORT', 4000));
const runPort = await choosePort(readPort('RUN_PORT', process.env['PORT'] === '0' ? 0 : port + 1));
const config = readSettings();

await buildSite();
const { runOrigin, trustProxy } = config;
const web = await buildWebApp({ siteDir, runOrigin, trustProxy });
// The embedded database takes seconds to open: the first who asks for it opens it.
const db = openLazily(
  () => openDatabase(config, { role: 'api' }),
  config.databaseUrl === undefined ? 'pglite' : 'postgres',
);
const store = openStore(config);
const sealer = await openSealer(config);
await registerApi(web, { config, db, store, sealer });
const webPort = await listen(web, port, 'PORT');
const executor = createExecutor({
  config,
  db,
  store,
  sealer,
  examples: await loadExamples(),
  // The examples fetch from the documentation, which at home has a private address.
  egress: { allowedOrigins: [config.webOrigin] },
});
const executorPort = await listen(executor.app, runPort, 'RUN_PORT');

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say('Stopping …');
    void Promise.all([web.close(), executor.close()])
      .then(() => db.close())
      .then(() => process.exit(0));
  });
}
say(`
  Trisiel is running. Ctrl-C stops it.

    Documentation   http://localhost:${webPort}/
    Playground      http://localhost:${webPort}/playground/
    Functions       http://localhost:${executorPort}/run/hello-http/
    API             http://localhost:${webPort}/api/openapi.json
    Sign in         http://localhost:${webPort}/login
`);

// After the lines above: the embedded database takes the process for seconds to open.
setImmediate(() => void executor.open());

/** Origins are told to browsers, so a port has to be known before it is opened. */
async function choosePort(wanted: number): Promise<number> {
  return wanted === 0 ? findFreePort() : wanted;
}

function readSettings(): Config {
  try {
    return readConfig(process.env, { web: port, run: runPort });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    say(error.message);
    process.exit(1);
  }
}

function readPort(variable: string, otherwise: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return otherwise;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  say(`${variable} is "${text}"; it must be a port, a whole number from 1 to 65535.`);
  process.exit(1);
}
