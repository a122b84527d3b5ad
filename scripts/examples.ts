/**
 * Builds, checks and runs the examples.
 *
 *     npm run examples                  builds every module from its source
 *     npm run examples -- NAME …        builds some
 *     npm run examples -- --check       checks that the committed modules are built from their sources
 *     npm run examples -- --run         runs all cases and prints a table
 *     npm run examples -- --pin         writes each case's gas into its cases.json
 *     npm run examples -- --install     first installs the compilers that are missing
 */
import { parseArgs } from 'node:util';
import { listExamples } from '../examples/load.ts';
import { buildExamples, checkExamples } from './examples/build.ts';
import { pinCases, runCases } from './examples/run.ts';

const USAGE = 'Usage: npm run examples -- [--check | --run | --pin] [--install] [NAME …]';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      run: { type: 'boolean', default: false },
      pin: { type: 'boolean', default: false },
      install: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const all = await listExamples();
  const unknown = positionals.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    throw new Error(`No example is called ${unknown.join(' or ')}. Examples: ${all.join(', ')}.`);
  }
  const names = positionals.length > 0 ? positionals : all;
  if (values.run) process.exitCode = await runCases(names);
  else if (values.pin) process.exitCode = await pinCases(names);
  else if (values.check) process.exitCode = await checkExamples(names, values.install);
  else process.exitCode = await buildExamples(names, values.install);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  console.error(USAGE);
  process.exitCode = 2;
});
