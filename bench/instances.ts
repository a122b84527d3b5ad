/** The time to create a clean instance of a small module, with a reused memory and with a new one. */
import { loadExample } from '../examples/load.ts';
import { compile, run as runModule, type CompiledModule } from '../olin/index.ts';
import { nodePlatform } from '../olin/platform/node.ts';
import { Gauge } from '../olin/wasm/host/gauge.ts';
import { MemoryPool, type MemoryType, type Shelf } from '../olin/wasm/host/memory-pool.ts';
import { percentile } from './measure/median.ts';

const WARM_UP = 5_000;
const COUNT = 20_000;
const GOAL_US = 15;

/** Keeps no memories, so that each one is new. */
class EmptyPool extends MemoryPool {
  override shelf(type: MemoryType): Shelf {
    return { take: super.shelf(type).take, give() {} };
  }
}

export async function run(): Promise<void> {
  const module = await compile((await loadExample('hello-wat')).module);
  const pooled = time(module, new MemoryPool());
  const mapped = time(module, new EmptyPool());
  const whole = await timeRuns(module);
  report('instance with a zeroed, reused memory', pooled);
  report('instance with a new memory', mapped);
  report('whole run of hello, including its bill', whole);
  console.log(`instances: ${percentile(pooled, 0.5).toFixed(1)} µs (goal ${GOAL_US})`);
}

function report(what: string, times: readonly number[]): void {
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  console.log(`${what}: p50 ${p50.toFixed(1)} µs, p99 ${p99.toFixed(1)} µs`);
}

/** Returns the microseconds of each round: memory, imports, instance, and returning the memory to the pool. */
function time({ module, plan, functions }: CompiledModule, pool: MemoryPool): number[] {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name } of functions) (imports[from] ??= {})[name] = () => 0;
  const make = (): void => {
    const gauge = new Gauge(plan, {
      gasLimit: 1_000_000,
      sliceGas: 500_000,
      memoryPagesLimit: 128,
      canSuspend: true,
      onTurn: () => {},
      onLimit: () => {},
      pool,
    });
    const instance = new WebAssembly.Instance(module, { ...imports, ...gauge.imports });
    gauge.attach(instance);
    gauge.release();
  };
  for (let i = 0; i < WARM_UP; i++) make();
  return Array.from({ length: COUNT }, () => {
    const startedAt = performance.now();
    make();
    return (performance.now() - startedAt) * 1000;
  });
}

async function timeRuns(module: CompiledModule): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + COUNT; i++) {
    const startedAt = performance.now();
    await runModule(module, { platform: nodePlatform });
    if (i >= WARM_UP) times.push((performance.now() - startedAt) * 1000);
  }
  return times;
}
