/** `npm run dev`: the documentation with its playground, rebuilt as the sources change. */
import { join } from 'node:path';
import { root, runNode } from './paths.ts';

const astro = join(root, 'node_modules/astro/bin/astro.mjs');
const port = process.env['PORT'] ?? '4000';
process.exit(await runNode([astro, 'dev', '--port', port], { ASTRO_TELEMETRY_DISABLED: '1' }));
