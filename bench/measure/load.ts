/** Load on a port of this machine, and what came of it. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { cpuSeconds } from './cpu.ts';
import type { LoadOrder, LoadResult } from './load-worker.ts';
import { percentile } from './median.ts';

export interface Measured {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
  /** Microseconds of processor time that the server took for each request; NaN where nobody tells. */
  readonly cpuUs: number;
}

/** @param pid of the server, whose processor time is told */
export async function load(order: LoadOrder, pid?: number): Promise<Measured> {
  const before = cpuSeconds(pid);
  const worker = new Worker(new URL('load-worker.ts', import.meta.url), { workerData: order });
  const [result]: LoadResult[] = await once(worker, 'message');
  if (result === undefined) throw new Error('the generator of load gave nothing');
  const { requests, failures, seconds, latencies } = result;
  const all = Array.from(latencies);
  return {
    perSecond: requests / seconds,
    p50: percentile(all, 0.5),
    p99: percentile(all, 0.99),
    failures,
    cpuUs: ((cpuSeconds(pid) - before) * 1e6) / requests,
  };
}
