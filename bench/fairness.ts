/**
 * Many guests in one process: the latency of a short run beside 64 endless loops of another handler, the memory of a
 * sleeping guest, and the time of one suspension.
 */
import { on } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { compile, run as runModule, Scheduler, type CompiledModule } from '../olin/index.ts';
import { nodePlatform } from '../olin/platform/node.ts';
import { compile as compileWat } from '../sdk/wat/compile.ts';
import { loadExample } from '../examples/load.ts';
import { percentile } from './measure/median.ts';

const LOOPS = 64;
const HELLOS = 500;
const SLEEPERS = 10_000;
const SUSPENSIONS = 200_000;
const GOAL_MS = 20;
const GOAL_KIB = 16;
const GOAL_US = 2;

/** Source of a worker that posts the current time every few milliseconds. */
const CALLER = `
  const { parentPort, workerData } = require('node:worker_threads');
  let left = workerData.count;
  const timer = setInterval(() => {
    parentPort.postMessage(performance.timeOrigin + performance.now());
    if (--left === 0) clearInterval(timer);
  }, workerData.everyMs);
`;

export async function run(): Promise<void> {
  const perGuest = await measureSleepers();
  console.log(`${SLEEPERS} sleeping guests: ${perGuest.toFixed(1)} KiB each (goal ${GOAL_KIB})`);
  console.log(`one suspension: ${(await timeSuspension()).toFixed(2)} µs (goal ${GOAL_US})`);
  const alone = await timeHellos(0);
  const crowded = await timeHellos(LOOPS);
  report('hello alone', alone);
  report(`hello beside ${LOOPS} endless loops of another handler`, crowded);
  console.log(`fairness: ${percentile(crowded, 0.99).toFixed(1)} ms (goal ${GOAL_MS})`);
}

function report(what: string, times: readonly number[]): void {
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  console.log(`${what}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
}

/** Returns the latency of each hello in milliseconds, from its request to its end. */
async function timeHellos(loops: number): Promise<number[]> {
  const scheduler = new Scheduler({
    platform: nodePlatform,
    memoryPages: 100_000,
    queueLength: 0,
  });
  const stopping = new AbortController();
  const [endless, hello] = await Promise.all(
    ['endless-loop', 'hello'].map(async (name) => compile((await loadExample(name)).module)),
  );
  if (endless === undefined || hello === undefined) throw new Error('An example is missing.');
  const runScheduled = async (name: string, module: CompiledModule, gas: number): Promise<void> => {
    const ticket = await scheduler.admit(name, name, module.plan.initialPages);
    const policy = { text: '', allow: null, disallow: [], ramPageLimit: 128, gasLimit: gas };
    await runModule(module, {
      platform: nodePlatform,
      policy,
      limits: { wallMs: 600_000 },
      turn: ticket.turn,
      signal: stopping.signal,
    });
    ticket.release();
  };
  const spinning = Array.from({ length: loops }, () =>
    runScheduled('loops', endless, Number.MAX_SAFE_INTEGER),
  );
  const times: number[] = [];
  // Requests come from another thread with the time of sending, so that waiting for the event loop counts.
  const caller = new Worker(CALLER, { eval: true, workerData: { count: HELLOS, everyMs: 5 } });
  for await (const [sentAt] of on(caller, 'message', { close: ['exit'] })) {
    await runScheduled('hello', hello, 1_000_000);
    times.push(performance.timeOrigin + performance.now() - Number(sentAt));
  }
  stopping.abort();
  await Promise.all(spinning);
  return times;
}

/** Returns the resident memory of a sleeping guest in KiB, including its instance and its memory. */
async function measureSleepers(): Promise<number> {
  const module = await compileText(
    `(module (import "cwa" "runtime_msleep" (func $sleep (param i32)))
       (memory (export "memory") 1)
       (func (export "_start") (call $sleep (i32.const 60000))))`,
  );
  const stopping = new AbortController();
  const before = await residentBytes();
  const sleeping = Array.from({ length: SLEEPERS }, () =>
    runModule(module, {
      platform: nodePlatform,
      signal: stopping.signal,
      limits: { wallMs: 100_000 },
    }),
  );
  await pause(500);
  const after = await residentBytes();
  stopping.abort();
  await Promise.all(sleeping);
  return (after - before) / SLEEPERS / 1024;
}

async function residentBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await pause(50);
  }
  return process.memoryUsage.rss();
}

/** Returns the time of a system call that suspends and resumes the guest, in microseconds. */
async function timeSuspension(): Promise<number> {
  const { Suspending, promising } = WebAssembly;
  if (Suspending === undefined || promising === undefined) throw new Error('Node lacks JSPI.');
  const compiled = await compileWat(`(module
    (import "host" "call" (func $call (result i32)))
    (func (export "loop") (param $n i32)
      (loop $again
        (drop (call $call))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`);
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message);
  const module = await WebAssembly.compile(compiled.module);
  const settled = Promise.resolve(1);
  const time = async (call: () => unknown): Promise<number> => {
    const instance = new WebAssembly.Instance(module, { host: { call: new Suspending(call) } });
    const { loop } = instance.exports;
    if (typeof loop !== 'function') throw new Error('The module exports no function "loop".');
    const run = promising(loop);
    await run(SUSPENSIONS);
    const startedAt = performance.now();
    await run(SUSPENSIONS);
    return ((performance.now() - startedAt) * 1000) / SUSPENSIONS;
  };
  return time(() => settled);
}

async function compileText(text: string): Promise<CompiledModule> {
  const compiled = await compileWat(text);
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message);
  return compile(compiled.module);
}
