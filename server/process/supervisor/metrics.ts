/** Metrics of all guest processes as one: the process that is asked for them asks the supervisor, which asks all. */
import type { ChildProcess } from 'node:child_process';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { ask, ignoreLoss, isMessage, supervisorOf } from './messages.ts';

/** How long a process waits for the supervisor, and the supervisor for the processes: one that hangs is left out. */
const PATIENCE_MS = 3000;
const PART_MS = 2000;

/** A registry as JSON. */
type Part = object[];

/** Sends the metrics of this process to its supervisor when it asks. */
export function shareMetrics(registry: Registry): void {
  const supervisor = supervisorOf(process);
  supervisor?.on('message', (message: unknown) => {
    if (!isMessage(message, 'trisiel-metrics-part')) return;
    // A failure leaves this process out of the sum, as if it hung.
    registry
      .getMetricsAsJSON()
      .then((metrics) => supervisor.send({ ...message, metrics }, ignoreLoss))
      .catch(ignoreLoss);
  });
}

/** Undefined if this process has no supervisor, or it does not answer. */
export async function askSupervisor(): Promise<string | undefined> {
  const supervisor = supervisorOf(process);
  if (supervisor === undefined) return undefined;
  const answer = await ask(supervisor, 'trisiel-metrics-all', PATIENCE_MS);
  return answer !== undefined && 'text' in answer ? String(answer.text) : undefined;
}

/**
 * Answers a process's questions for the metrics of all.
 * @param list the processes that share their metrics
 */
export function answerForAll(child: ChildProcess, list: () => readonly ChildProcess[]): void {
  child.on('message', (message: unknown) => {
    if (!isMessage(message, 'trisiel-metrics-all')) return;
    // Without an answer the process that asks reports its own metrics.
    collect(list())
      .then((text) => {
        if (child.connected) child.send({ ...message, text }, ignoreLoss);
      })
      .catch(ignoreLoss);
  });
}

async function collect(children: readonly ChildProcess[]): Promise<string> {
  const answers = await Promise.all(
    children.map((child) => ask(child, 'trisiel-metrics-part', PART_MS)),
  );
  const parts = answers.flatMap((answer): Part[] =>
    answer !== undefined && 'metrics' in answer && Array.isArray(answer.metrics)
      ? [answer.metrics]
      : [],
  );
  return AggregatorRegistry.aggregate(parts).metrics();
}
