/** Metrics of all executors of a supervisor as one: whichever of them is asked, asks it, and it asks all. */
import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { ask, ignoreLoss, isMessage } from './process-messages.ts';

/** A process waits so long for the supervisor, which waits so long for the processes: one that hangs is left out. */
const PATIENCE_MS = 3000;
const PART_MS = 2000;

/** What a registry gives as JSON. */
type Part = object[];

/** Gives the supervisor, where there is one, what this process counts. */
export function shareMetrics(registry: Registry): void {
  if (!cluster.isWorker) return;
  process.on('message', (message: unknown) => {
    if (!isMessage(message, 'trisiel-metrics-part')) return;
    // What fails is left out of the sum, as a process that hangs is.
    registry
      .getMetricsAsJSON()
      .then((metrics) => process.send?.({ ...message, metrics }, ignoreLoss))
      .catch(ignoreLoss);
  });
}

/** Undefined where this process has no supervisor, or it does not answer. */
export async function askSupervisor(): Promise<string | undefined> {
  if (!cluster.isWorker || process.send === undefined) return undefined;
  const answer = await ask(process, 'trisiel-metrics-all', PATIENCE_MS);
  return answer !== undefined && 'text' in answer ? String(answer.text) : undefined;
}

/** To be called by the supervisor, once. @param list those that share what they count */
export function answerForAll(list: () => readonly Worker[]): void {
  cluster.on('message', (worker, message: unknown) => {
    if (!isMessage(message, 'trisiel-metrics-all')) return;
    // Without an answer the process that asks tells what it counts itself.
    collect(list())
      .then((text) => {
        if (worker.isConnected()) worker.send({ ...message, text }, ignoreLoss);
      })
      .catch(ignoreLoss);
  });
}

async function collect(workers: readonly Worker[]): Promise<string> {
  const answers = await Promise.all(
    workers.map((worker) => ask(worker, 'trisiel-metrics-part', PART_MS)),
  );
  const parts = answers.flatMap((answer): Part[] =>
    answer !== undefined && 'metrics' in answer && Array.isArray(answer.metrics)
      ? [answer.metrics]
      : [],
  );
  return AggregatorRegistry.aggregate(parts).metrics();
}
