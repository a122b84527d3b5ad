/** Metrics of all processes of a supervisor as one: whichever of them is asked, asks it. */
import cluster from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';

const PATIENCE_MS = 3000;

interface Question {
  readonly kind: 'trisiel-metrics';
  readonly id: number;
}
interface Answer extends Question {
  readonly text: string;
}

let lastId = 0;

/** Gives the supervisor, where there is one, what this process counts. */
export function shareMetrics(registry: Registry): void {
  if (!cluster.isWorker) return;
  AggregatorRegistry.setRegistries(registry);
  // Its making begins to listen for the supervisor's question.
  void new AggregatorRegistry();
}

/** Undefined where this process has no supervisor, or it does not answer. */
export function askSupervisor(): Promise<string | undefined> {
  if (!cluster.isWorker || process.send === undefined) return Promise.resolve(undefined);
  lastId += 1;
  const question: Question = { kind: 'trisiel-metrics', id: lastId };
  return new Promise((resolve) => {
    const done = (text: string | undefined): void => {
      clearTimeout(timer);
      process.off('message', onMessage);
      resolve(text);
    };
    const timer = setTimeout(() => done(undefined), PATIENCE_MS);
    const onMessage = (message: unknown): void => {
      if (isQuestion(message) && message.id === question.id && 'text' in message) {
        done(String(message.text));
      }
    };
    process.on('message', onMessage);
    process.send?.(question);
  });
}

/** To be called by the supervisor, once. */
export function answerForAll(): void {
  const all = new AggregatorRegistry();
  cluster.on('message', (worker, message: unknown) => {
    if (!isQuestion(message)) return;
    void all.clusterMetrics().then(
      (text) => {
        const answer: Answer = { ...message, text };
        if (worker.isConnected()) worker.send(answer);
      },
      () => undefined,
    );
  });
}

function isQuestion(message: unknown): message is Question {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    message.kind === 'trisiel-metrics'
  );
}
