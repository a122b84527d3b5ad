/** `npm test [FILE …]`: installs what the tests need, builds the site, and runs every test, or those of the files. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { buildSite } from './build.ts';
import { installChromium } from './services/chromium.ts';
import { root, runNode, say } from './paths.ts';

const ROOMS = [
  'bench',
  'cli',
  'client',
  'docs-site',
  'examples',
  'olin',
  'panel',
  'playground',
  'scripts',
  'sdk',
  'server',
  'test',
];

const named = process.argv.slice(2);
const files =
  named.length > 0 ? named : globSync(`{${ROOMS.join(',')}}/**/*.test.ts`, { cwd: root }).sort();

const chromium = await installChromium();
await buildSite();
say(`Running ${files.length} test files …`);
process.exit(
  await runNode(
    [
      '--test',
      '--test-concurrency=2',
      '--test-timeout=300000',
      '--import=./scripts/test-deadline.ts',
      ...files,
    ],
    // Each file is a process and starts others, which share this cache of compiled code.
    { CHROMIUM: chromium, NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node') },
  ),
);
