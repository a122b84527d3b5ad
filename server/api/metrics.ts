/** The Prometheus metrics of the API. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  /** Records a finished request; the label is the route's pattern, so that callers cannot create new series. */
  onRequest(request: { method: string; route: string; status: number; seconds: number }): void;
  onUpload(outcome: 'accepted' | 'refused'): void;
  watch(name: string, help: string, read: () => number): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'trisiel_' });
  const seconds = new Histogram({
    name: 'trisiel_api_request_seconds',
    help: 'Duration of requests, by route, method and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const uploads = new Counter({
    name: 'trisiel_api_uploads_total',
    help: 'Checked modules, by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return {
    registry,
    onRequest: ({ method, route, status, seconds: took }) =>
      seconds.observe({ method, route, status: String(status) }, took),
    onUpload: (outcome) => uploads.inc({ outcome }),
    watch(name, help, read) {
      const gauge: Gauge = new Gauge({
        name,
        help,
        registers: [registry],
        collect: (): void => gauge.set(read()),
      });
    },
  };
}
