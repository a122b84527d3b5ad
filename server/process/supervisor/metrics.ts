/**
 * Sums the metrics of all guest and probation processes. The process that serves `/metrics` asks the supervisor, which asks
 * each process for its own.
 */
import type { ChildProcess } from 'node:child_process';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { ask, ignoreLoss, isMessage, supervisorOf } from './messages.ts';

/** Time limit for the response of the supervisor. Longer than {@link PROCESS_TIMEOUT_MS}. */
const SUPERVISOR_TIMEOUT_MS = 3000;
/** Time limit for the metrics of one process. A process that hangs is left out of the sum. */
const PROCESS_TIMEOUT_MS = 2000;

/** The metrics of one process, as JSON. */
type ProcessMetrics = object[];

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

/** Returns the sums in the Prometheus text format; undefined if there is no supervisor or it does not respond. */
export async function requestMetricsSums(): Promise<string | undefined> {
  const supervisor = supervisorOf(process);
  if (supervisor === undefined) return undefined;
  const answer = await ask(supervisor, 'trisiel-metrics-all', SUPERVISOR_TIMEOUT_MS);
  return answer !== undefined && 'text' in answer ? String(answer.text) : undefined;
}

/**
 * Makes the supervisor respond when `child` asks for the sums.
 * @param list returns the processes whose metrics are added up
 */
export function serveMetricsSums(child: ChildProcess, list: () => readonly ChildProcess[]): void {
  let collecting: Promise<string> | undefined;
  child.on('message', (message: unknown) => {
    if (!isMessage(message, 'trisiel-metrics-all')) return;
    // Questions of a process that come meanwhile share an answer, so that none asks all others again and again.
    collecting ??= collect(list()).finally(() => (collecting = undefined));
    // If there is no response, the process that asked reports only its own metrics.
    collecting
      .then((text) => {
        if (child.connected) child.send({ ...message, text }, ignoreLoss);
      })
      .catch(ignoreLoss);
  });
}

async function collect(children: readonly ChildProcess[]): Promise<string> {
  const answers = await Promise.all(
    children.map((child) => ask(child, 'trisiel-metrics-part', PROCESS_TIMEOUT_MS)),
  );
  const parts = answers.flatMap((answer): ProcessMetrics[] =>
    answer !== undefined && 'metrics' in answer && Array.isArray(answer.metrics)
      ? [answer.metrics]
      : [],
  );
  return AggregatorRegistry.aggregate(parts).metrics();
}
