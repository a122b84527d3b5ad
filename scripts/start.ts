/** `npm start`: builds the documentation where it changed, then serves it and the examples. */
import { loadExamples } from '../examples/load.ts';
import { buildExecutorApp } from '../server/executor/app.ts';
import { exampleHandlers } from '../server/executor/modules.ts';
import { listen } from '../server/listen.ts';
import { buildWebApp } from '../server/web/app.ts';
import { buildSite } from './build.ts';
import { say, siteDir } from './paths.ts';

const port = readPort('PORT', 4000);
const runPort = readPort('RUN_PORT', port === 0 ? 0 : port + 1);

await buildSite();
const web = await buildWebApp({ siteDir, runOrigin: `http://localhost:${runPort}` });
const webPort = await listen(web, port, 'PORT');
const executor = buildExecutorApp({
  findHandler: exampleHandlers(await loadExamples(), `http://localhost:${webPort}`),
});
const executorPort = await listen(executor, runPort, 'RUN_PORT');

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say('Stopping …');
    void Promise.all([web.close(), executor.close()]).then(() => process.exit(0));
  });
}
say(`
  Trisiel is running. Ctrl-C stops it.

    Documentation   http://localhost:${webPort}/
    Playground      http://localhost:${webPort}/playground/
    Functions       http://localhost:${executorPort}/run/hello-http/
`);

function readPort(variable: string, otherwise: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return otherwise;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  say(`${variable} is "${text}"; it must be a port, a whole number from 1 to 65535.`);
  process.exit(1);
}
