/** Writes the API's own document for the documentation to show; with `--check`, says whether it is up to date. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeApi } from '../server/api/openapi.ts';
import { loadRoutes } from '../server/api/routes.ts';
import { root, say } from './paths.ts';

const FILE = 'docs-site/openapi.json';

/** Links to problems stay within the documentation. */
const document = describeApi(await loadRoutes(), {
  webOrigin: 'https://api.trisiel.com',
  docsOrigin: '',
});
const text = `${JSON.stringify({ ...document, 'x-generated': 'by scripts/openapi.ts, from server/api/routes' }, null, 2)}\n`;
const path = join(root, FILE);
if (!process.argv.includes('--check')) {
  await writeFile(path, text);
} else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
  say(`${FILE} is not what the API says; run node scripts/openapi.ts.`);
  process.exitCode = 1;
}
