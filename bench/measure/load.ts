/** Generates load on a port of this machine and measures it. */
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
  /** CPU time of the server per request, in microseconds; NaN if it cannot be measured. */
  readonly cpuUs: number;
}

/** @param pid process id of the server, to measure its CPU time */
export async function load(order: LoadOrder, pid?: number): Promise<Measured> {
  const before = cpuSeconds(pid);
  const worker = new Worker(new URL('load-worker.ts', import.meta.url), { workerData: order });
  const [result]: LoadResult[] = await once(worker, 'message');
  if (result === undefined) throw new Error('The load generator returned no result.');
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
