/** `npm run check`: types, lint, format, dead code, generated files. Runs all checks, then lists those that failed. */
import { join } from 'node:path';
import { root, runNode, say } from './paths.ts';

const bin = (path: string): string => join(root, 'node_modules', path);
const tsc = bin('typescript7/bin/tsc');

const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ['types', [tsc, '-p', 'tsconfig.json']],
  ['types of olin, without Node and DOM', [tsc, '-p', 'olin']],
  ['types of the playground', [tsc, '-p', 'playground']],
  ['types of the panel', [tsc, '-p', 'panel']],
  [
    'types of the documentation',
    [bin('astro/bin/astro.mjs'), 'check', '--tsconfig', 'docs-site/tsconfig.json'],
  ],
  ['lint', [bin('oxlint/bin/oxlint'), '--type-aware']],
  ['format', [bin('oxfmt/bin/oxfmt'), '--check']],
  ['dead code', [bin('knip/bin/knip.js')]],
  ['bindings', [join(root, 'sdk/generate.ts'), '--check']],
  ['sentences of problems', [join(root, 'scripts/generate/sentences.ts'), '--check']],
  ['OpenAPI document', [join(root, 'scripts/generate/openapi.ts'), '--check']],
];

const failed: string[] = [];
for (const [name, args] of CHECKS) {
  say(`— ${name}`);
  if ((await runNode(args, { ASTRO_TELEMETRY_DISABLED: '1' })) !== 0) failed.push(name);
}
say(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join('; ')}.`);
process.exit(failed.length === 0 ? 0 : 1);
