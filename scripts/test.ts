/** `npm test [FILE …]`: installs what the tests need, builds the site, and runs every test, or those of the files. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { CHECK_FLAGS, CHECK_PROGRAM } from '../server/api/module-check/check-process.ts';
import { PROCESS_KINDS } from '../server/process/supervisor/kinds.ts';
import { SHARED_POSTGRES, startTestPostgres } from '../test/setup/servers/test-postgres.ts';
import { buildSite } from './build.ts';
import { root, say } from './paths.ts';
import { installChromium } from './services/chromium.ts';

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

/** The files that take longest, longest first: one that began last would run alone at the end. */
const LONGEST = [
  'test/api/api-properties.test.ts',
  'docs-site/pages.test.ts',
  'test/docs/docs-api.test.ts',
  'test/executor/calls/executor-calls.test.ts',
  'test/processes/faults.test.ts',
  'test/command/command-languages.test.ts',
  'test/docs/playground.test.ts',
  'test/processes/home-processes.test.ts',
  'test/processes/probation-processes.test.ts',
  'test/docs/docs-command.test.ts',
  'test/panel/panel-pages.test.ts',
  'test/panel/panel-account.test.ts',
  'test/panel/panel-story.test.ts',
  'test/docs/docs.test.ts',
  'test/hostile/hostile.test.ts',
];

/**
 * Programs of confined processes, with the flags that change what V8 compiles. These processes read the cache of compiled
 * code and cannot write it, so what only they import would be compiled at each of their starts: 0.25 s of CPU time each.
 */
const CONFINED: readonly (readonly string[])[] = [
  [...CHECK_FLAGS, CHECK_PROGRAM],
  [PROCESS_KINDS.guest.program],
  [PROCESS_KINDS.probation.program],
];
/** Files that take longest, named at the end of a run. */
const NAMED = 15;
const TEST_MS = 300_000;

const named = process.argv.slice(2);
const files =
  named.length > 0 ? named : inOrder(globSync(`{${ROOMS.join(',')}}/**/*.test.ts`, { cwd: root }));

process.env['CHROMIUM'] = await installChromium();
await buildSite();
const postgres = await startTestPostgres();
if ('url' in postgres) process.env[SHARED_POSTGRES] = postgres.url;
// Each file is a process and starts others, which share this cache of compiled code.
const codeCache = join(root, 'node_modules', '.cache', 'node');
process.env['NODE_COMPILE_CACHE'] = codeCache;
// They compile everything that they import, and end because of the invalid setting.
for (const args of CONFINED)
  spawnSync(process.execPath, args, {
    stdio: 'ignore',
    env: { NODE_COMPILE_CACHE: codeCache, WEB_ORIGIN: 'none' },
  });
say(`Running ${files.length} test files …`);
const times = await runAll(files);
if ('stop' in postgres) await postgres.stop();
for (const [file, seconds] of times.slice(0, NAMED))
  say(`${seconds.toFixed(0).padStart(5)} s  ${file}`);

function inOrder(all: readonly string[]): string[] {
  const place = (file: string): number => {
    const at = LONGEST.indexOf(file);
    return at < 0 ? LONGEST.length : at;
  };
  return all.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

/** Sets the exit status. A signal ends the files under way. Returns the seconds that each file took, the slowest first. */
async function runAll(paths: readonly string[]): Promise<[file: string, seconds: number][]> {
  const times: [string, number][] = [];
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => stopped.abort());
  const tests = run({
    files: [...paths],
    cwd: root,
    // Two more than cores: tests wait for processes, clocks and retries. With one more, two cores were used by 65 %.
    concurrency: availableParallelism() + 2,
    timeout: TEST_MS,
    signal: stopped.signal,
    execArgv: ['--import=./scripts/test-deadline.ts'],
  });
  tests.on('test:fail', () => {
    process.exitCode = 1;
  });
  tests.on('test:summary', ({ file, duration_ms }) => {
    if (file !== undefined) times.push([relative(root, file), duration_ms / 1000]);
  });
  for await (const text of tests.compose(spec)) process.stdout.write(text);
  return times.sort(([, a], [, b]) => b - a);
}
