/** Runs the examples' cases in Node, and prints the results or writes their gas to cases.json. */
import { createServer } from 'node:http';
import { readFile, writeFile } from 'node:fs/promises';
import {
  checkCase,
  runCase,
  steady,
  type CaseOutcome,
  type CaseSite,
} from '../../examples/cases.ts';
import { loadExample, type LoadedExample } from '../../examples/load.ts';
import { ORIGIN, type Case } from '../../examples/types.ts';
import { InputError } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { ROOT, runTool } from '../../sdk/toolchain.ts';

/** Runs the cases and prints one line each. Returns the exit status: 1 if one differs. */
export async function runCases(names: readonly string[]): Promise<number> {
  let failed = 0;
  let all = 0;
  await withSite(async (place) => {
    for (const example of await Promise.all(names.map(loadExample))) {
      console.log(`${example.name} (${example.example.language}, ${example.module.length} bytes)`);
      for (const one of example.cases) {
        all++;
        const report = await runAndReport(example, one, place);
        if (!report.ok) failed++;
        console.log(report.text);
      }
    }
  });
  console.log(`${all - failed} of ${all} cases passed.`);
  return failed > 0 ? 1 : 0;
}

/** Writes each case's gas unless it depends on random numbers, the clock or the network. */
export async function pinCases(names: readonly string[]): Promise<number> {
  await withSite(async (place) => {
    for (const example of await Promise.all(names.map(loadExample))) {
      const path = `${ROOT}examples/${example.name}/cases.json`;
      const pinned = await Promise.all(example.cases.map((one) => pin(example, one, place)));
      const same = JSON.stringify(pinned) === JSON.stringify(example.cases);
      if (!same) {
        await writeFile(path, `${JSON.stringify(pinned, null, 2)}\n`);
        await runTool(`${ROOT}node_modules/.bin/oxfmt`, [path]);
      }
      console.log(`${example.name}: ${same ? 'unchanged' : 'written'}`);
    }
  });
  return 0;
}

async function pin(example: LoadedExample, one: Case, place: CaseSite): Promise<Case> {
  const { gas: _old, ...expect } = one.expect;
  const outcome = await runCase(example.module, one, {
    ...place,
    platform: steady(place.platform),
  });
  if (!isDeterministic(one, outcome)) return { ...one, expect };
  return { ...one, expect: { ...expect, gas: outcome.gas } };
}

/** Reports whether the case uses the same gas in every run and environment. */
function isDeterministic({ input }: Case, { calls, urls }: CaseOutcome): boolean {
  const isVariable = calls.some(({ name }) => name.startsWith('random_') || name === 'time_now');
  const isExternal = urls.some((url) => /^(http|https|random):/.test(url));
  // The length of the site's origin varies between environments.
  return !isVariable && !isExternal && !JSON.stringify(input).includes(ORIGIN);
}

/** One line about a case, and one for each difference below it. */
async function runAndReport(
  { module }: LoadedExample,
  one: Case,
  place: CaseSite,
): Promise<{ ok: boolean; text: string }> {
  try {
    const outcome = await runCase(module, one, place);
    const differences = checkCase(outcome, one);
    return { ok: differences.length === 0, text: describeCase(one, outcome, differences) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ok: false, text: `  BAD ${one.name}: ${error.message}` };
  }
}

function describeCase(one: Case, outcome: CaseOutcome, differences: readonly string[]): string {
  const end = outcome.trap?.code ?? `exit ${outcome.exit}`;
  const status = outcome.status === undefined ? '' : `, HTTP ${outcome.status}`;
  const used = `${outcome.gas} gas, ${outcome.memoryPages} pages, ${outcome.output.length} bytes out`;
  const line = `  ${differences.length === 0 ? 'ok ' : 'BAD'} ${one.name}: ${end}${status}; ${used}`;
  return [line, ...differences.map((difference) => `        ${difference}`)].join('\n');
}

/** Serves the site's public greeting while the work runs. */
async function withSite(work: (place: CaseSite) => Promise<void>): Promise<void> {
  const greeting = await readFile(`${ROOT}docs-site/public/greeting.json`);
  const server = createServer((request, response) => {
    const found = request.url === '/greeting.json';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(found ? greeting : '{}');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    await work({ platform: nodePlatform, origin: `http://127.0.0.1:${port}` });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
