/**
 * Handlers in JavaScript through the whole executor, compared with workerd, which compiles the same source to machine code
 * and keeps one isolate for all requests; with the example hello-http in AssemblyScript; and with the same module without
 * metering, in this process. Then the first requests of handlers, and the memory of many.
 *
 *     npm run bench -- javascript [--handlers 1000]
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { exampleIds } from '../server/executor/handlers/examples.ts';
import { compile, prepareModule, run as runModule, type PreparedModule } from '../olin/index.ts';
import { nodePlatform } from '../olin/platform/node.ts';
import { compile as compileHandler } from '../sdk/javascript/compile.ts';
import { startPostgres } from '../scripts/services/postgres.ts';
import { memoryOf } from './measure/cpu.ts';
import { Deployer } from './measure/deploy.ts';
import { startExecutors, type RunningExecutors } from './measure/executors.ts';
import { load, type Measured } from './measure/load.ts';
import { median, percentile } from './measure/median.ts';
import { openUnmetered } from './measure/unmetered.ts';
import { startWorkerd } from './measure/workerd.ts';

const HANDLERS = ['hello', 'json', 'markdown'] as const;
const BASELINE = 'hello-http';
const ROUNDS = 5;
const CONNECTIONS = 16;
const SECONDS = 2;
const WARM_UP_SECONDS = 3;
const COLD = 40;
const RUNS = 1000;
/** More than a hello in AssemblyScript. */
const GOAL_CPU_US = 150;
const GOAL_COLD_MS = 15;
const GOAL_BYTES = 300_000;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { handlers: { type: 'string', default: '100' } },
  });
  const modules = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of HANDLERS) modules.set(name, await build(await source(name)));
  for (const [name, module] of modules) await measureUnmetered(name, module);
  const postgres = await startPostgres();
  if ('reason' in postgres) throw new Error(postgres.reason);
  const executor = await startExecutors(postgres.url, 1);
  const deployer = await Deployer.open(executor, postgres.url);
  try {
    for (const [name, module] of modules) {
      await deployer.deploy(exampleIds.owner, `js-${name}`, module);
    }
    const beyond = await measureLoad(executor);
    const hello = modules.get('hello') ?? new Uint8Array();
    const variants = new Variants(hello);
    const cold = await measureCold(executor, deployer, variants);
    await measureMany(executor, deployer, variants, Number(values.handlers));
    console.log(
      `javascript: ${beyond.toFixed(0)} µs of CPU beyond AssemblyScript's hello (goal ${GOAL_CPU_US}), cold ${cold.toFixed(1)} ms (goal ${GOAL_COLD_MS})`,
    );
  } finally {
    await deployer.close();
    await executor.stop();
    await postgres.stop();
  }
}

function source(name: string): Promise<string> {
  return readFile(new URL(`./handlers/${name}.js`, import.meta.url), 'utf8');
}

async function build(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const built = await compileHandler(text);
  if (!built.ok) throw new Error(JSON.stringify(built.diagnostics));
  return Uint8Array.from(built.module);
}

/** CPU time of one run: in the runtime, and without metering. */
async function measureUnmetered(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const env = {
    REQUEST_METHOD: 'GET',
    REQUEST_URI: '/run/x/',
    SCRIPT_NAME: '/run/x',
    HTTP_HOST: 'x',
  };
  const module = await compile(bytes);
  const { bill } = await runModule(module, { platform: nodePlatform, env });
  const metered = await timeCpu(async () => {
    await runModule(module, { platform: nodePlatform, env });
  });
  const unmetered = await openUnmetered(bytes, env);
  const bare = await timeCpu(() => void unmetered());
  console.log(
    `${name.padEnd(10)} ${bill.gas} gas   a run in this process: ${metered.toFixed(0)} µs of CPU, unmetered ${bare.toFixed(0)} µs`,
  );
}

async function timeCpu(work: () => void | Promise<void>): Promise<number> {
  for (let i = 0; i < RUNS; i++) await work();
  const before = process.cpuUsage();
  for (let i = 0; i < RUNS; i++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / RUNS;
}

/** Returns the CPU time of a hello beyond that of a hello in AssemblyScript, in microseconds. */
async function measureLoad(executor: RunningExecutors): Promise<number> {
  const peers = [
    { name: `trisiel, ${BASELINE}`, ...executor, path: `/run/${BASELINE}/` },
    ...HANDLERS.map((name) => ({
      name: `trisiel, ${name}`,
      ...executor,
      path: `/run/js-${name}/`,
    })),
  ];
  const workers = await Promise.all(
    HANDLERS.map(async (name) => ({
      name: `workerd, ${name}`,
      ...(await startWorkerd(await source(name))),
      path: '/',
    })),
  );
  const all = [...peers, ...workers].map((peer) => ({ ...peer, rounds: [] as Measured[] }));
  try {
    for (const { port, path } of all) {
      await load({ port, path, connections: CONNECTIONS, seconds: WARM_UP_SECONDS });
      await executor.journalEmpty();
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const { port, pid, path, rounds } of all) {
        rounds.push(await load({ port, path, connections: CONNECTIONS, seconds: SECONDS }, pid));
        await executor.journalEmpty();
      }
    }
  } finally {
    for (const { stop } of workers) await stop();
  }
  const cpu = all.map(({ name, rounds }) => {
    const of = (read: (each: Measured) => number): number => median(rounds.map(read));
    const failures = rounds.reduce((sum, each) => sum + each.failures, 0);
    const cpuUs = of((m) => m.cpuUs);
    console.log(
      `${name.padEnd(20)} ${of((m) => m.perSecond)
        .toFixed(0)
        .padStart(
          6,
        )} requests/s   p50 ${of((m) => m.p50).toFixed(2)} ms   ${cpuUs.toFixed(0)} µs of CPU   ${failures} failures`,
    );
    return cpuUs;
  });
  const [baseline = NaN, hello = NaN] = cpu;
  return hello - baseline;
}

const NUMBER = '0000';

/** Makes handlers that differ in one number of their output, without building each. */
class Variants {
  readonly #module: Uint8Array<ArrayBuffer>;
  readonly #prepared: PreparedModule;

  constructor(module: Uint8Array<ArrayBuffer>) {
    this.#module = module;
    this.#prepared = prepareModule(module);
  }

  make(number: number): { module: Uint8Array<ArrayBuffer>; prepared: PreparedModule } {
    const { metered, image } = this.#prepared;
    if (image === undefined) throw new Error('A handler in JavaScript is not split.');
    return {
      module: withNumber(this.#module, number),
      prepared: { metered, image: withNumber(image, number) },
    };
  }
}

const textOf = (number: number): string =>
  `handler ${String(number).padStart(NUMBER.length, '0')}!`;

function withNumber(bytes: Uint8Array, number: number): Uint8Array<ArrayBuffer> {
  const changed = Buffer.from(Uint8Array.from(bytes));
  const at = changed.indexOf(textOf(0));
  if (at < 0) throw new Error('The text of the handler is not in its module.');
  changed.write(textOf(number), at, 'latin1');
  return Uint8Array.from(changed);
}

async function call({ port }: RunningExecutors, number: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/run/variant-${number}/`);
  const text = await response.text();
  if (response.status !== 200 || !text.includes(textOf(number))) {
    throw new Error(`Handler ${number} answered ${response.status}: ${text}`);
  }
}

/** Returns the median time of the first request of a handler whose engine other handlers use. */
async function measureCold(
  executor: RunningExecutors,
  deployer: Deployer,
  variants: Variants,
): Promise<number> {
  const times: number[] = [];
  for (let number = 1; number <= COLD; number++) {
    const { module, prepared } = variants.make(number);
    await deployer.deploy(exampleIds.owner, `variant-${number}`, module, prepared);
    // Executors look up new names 20 times a second at most, which is not what is measured.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startedAt = performance.now();
    await call(executor, number);
    times.push(performance.now() - startedAt);
  }
  const [p50, p99] = [median(times), percentile(times, 0.99)];
  console.log(`${COLD} first requests: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
  return p50;
}

/** Deploys many handlers of two owners, calls each, and measures the growth of the executor's memory. */
async function measureMany(
  executor: RunningExecutors,
  deployer: Deployer,
  variants: Variants,
  count: number,
): Promise<void> {
  const owners = [await deployer.makeOwner('first'), await deployer.makeOwner('second')];
  const first = COLD + 1;
  for (let number = first; number < first + count; number++) {
    const { module, prepared } = variants.make(number);
    const owner = owners[number % owners.length] ?? '';
    await deployer.deploy(owner, `variant-${number}`, module, prepared);
  }
  const before = memoryOf(executor.pid);
  // Twice, so that each handler may also have a waiting instance.
  for (let round = 0; round < 2; round++) {
    for (let number = first; number < first + count; number++) await call(executor, number);
  }
  const grown = (memoryOf(executor.pid) - before) / count;
  console.log(
    `${count} handlers of two owners: ${(grown / 1000).toFixed(0)} KB of memory each (goal ${GOAL_BYTES / 1000})`,
  );
}
