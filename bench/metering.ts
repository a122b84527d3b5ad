/**
 * The cost of metering: the time of each kernel in `bench/kernels/` with and without it, in turn, in one process; and the
 * speed of the transform. Each figure is the 10th percentile of many rounds, to exclude disturbances.
 */
import { existsSync, readFileSync } from 'node:fs';

import { meter } from '../olin/wasm/index.ts';
import { Gauge } from '../olin/wasm/host/gauge.ts';
import { readPlan } from '../olin/wasm/plan.ts';
import { median, percentile } from './measure/median.ts';

/** Sizes for which a kernel takes a few milliseconds. */
const KERNELS = { fib: 31, blake2b: 25, quicksort: 60_000, mandelbrot: 150, json: 2 };
const WARM_UP = 15;
const ROUNDS = 60;
const GOAL = 1.1;
const SLICE_GAS = 2_000_000;
/** Larger modules from the project's dependencies. */
const LARGE = [
  'playwright-core/lib/webp_codec.wasm',
  'shiki/dist/onig.wasm',
  'oxc-parser/parser.wasm32-wasip1.wasm',
];

type Kernel = (size: number) => number;

function read(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(path, import.meta.url)));
}

function kernelOf({ exports }: WebAssembly.Instance): Kernel {
  const { run } = exports;
  if (typeof run !== 'function') throw new TypeError('The kernel exports no function "run".');
  return (size) => Number(run(size));
}

function startPlain(bytes: Uint8Array<ArrayBuffer>): Kernel {
  return kernelOf(new WebAssembly.Instance(new WebAssembly.Module(bytes)));
}

function startMetered(bytes: Uint8Array<ArrayBuffer>): { kernel: Kernel; gauge: Gauge } {
  const module = new WebAssembly.Module(meter(bytes));
  const gauge = new Gauge(readPlan(module), {
    gasLimit: Number.MAX_SAFE_INTEGER,
    sliceGas: SLICE_GAS,
    memoryPagesLimit: 1024,
    onTurn: () => {},
    onLimit: () => {},
    canSuspend: false,
  });
  const instance = new WebAssembly.Instance(module, gauge.imports);
  gauge.attach(instance);
  return { kernel: kernelOf(instance), gauge };
}

/** Returns the 10th percentile. */
function lowTenth(times: readonly number[]): number {
  return percentile(times, 0.1);
}

interface Measured {
  readonly plainMs: number;
  readonly meteredMs: number;
  readonly gas: number;
}

async function measureKernel(name: string, size: number): Promise<Measured> {
  const bytes = read(`kernels/${name}.wasm`);
  const plain = startPlain(bytes);
  const { kernel: metered, gauge } = startMetered(bytes);
  if (plain(size) !== metered(size)) throw new Error(`${name} has another result with metering.`);
  const gas = gauge.used;
  const time = (kernel: Kernel): number => {
    const before = performance.now();
    kernel(size);
    return performance.now() - before;
  };
  for (let round = 0; round < WARM_UP; round++) {
    time(plain);
    time(metered);
  }
  // Waits for the optimising compiler, whose background work would disturb the measurement.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const plainTimes: number[] = [];
  const meteredTimes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    plainTimes.push(time(plain));
    meteredTimes.push(time(metered));
  }
  return { plainMs: lowTenth(plainTimes), meteredMs: lowTenth(meteredTimes), gas };
}

function measureTransform(path: string): void {
  const bytes = read(path);
  const times: number[] = [];
  let size = 0;
  for (let round = 0; round < 30; round++) {
    const before = performance.now();
    size = meter(bytes).length;
    times.push(performance.now() - before);
  }
  const megabytes = bytes.length / 1e6;
  const rate = megabytes / (lowTenth(times) / 1000);
  const grown = ((size / bytes.length - 1) * 100).toFixed(0);
  console.log(
    `transform of ${megabytes.toFixed(2)} MB: ${rate.toFixed(0)} MB/s, ${grown}% larger (${path.split('/').at(-1)})`,
  );
}

export async function run(): Promise<void> {
  console.log('kernel          plain ms  metered ms   ratio      instructions');
  const ratios: number[] = [];
  for (const [name, size] of Object.entries(KERNELS)) {
    const { plainMs, meteredMs, gas } = await measureKernel(name, size);
    const ratio = meteredMs / plainMs;
    ratios.push(ratio);
    console.log(
      [
        name.padEnd(14),
        plainMs.toFixed(2).padStart(9),
        meteredMs.toFixed(2).padStart(11),
        ratio.toFixed(3).padStart(7),
        gas.toLocaleString('en').padStart(17),
      ].join(' '),
    );
  }
  for (const path of LARGE) {
    const at = `../node_modules/${path}`;
    if (existsSync(new URL(at, import.meta.url))) measureTransform(at);
  }
  console.log(
    `worst kernel: ${Math.max(...ratios).toFixed(2)}, median ${median(ratios).toFixed(2)}`,
  );
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  console.log(`metering: ${mean.toFixed(2)} times unmetered (goal ${GOAL.toFixed(2)})`);
}
