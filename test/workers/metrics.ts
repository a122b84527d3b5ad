/** A process of a supervisor that counts on request, and reports the sums of all processes. */
import { Counter, Registry } from 'prom-client';
import { requestMetricsSums, shareMetrics } from '../../server/process/supervisor/metrics.ts';

const registry = new Registry();
new Counter({ name: 'counted', help: 'What was counted.', registers: [registry] }).inc(
  Number(process.env['COUNT']),
);
shareMetrics(registry);
process.on('message', (message) => {
  if (message === 'ask') void requestMetricsSums().then((text) => process.send?.({ text }));
});
process.send?.('begun');
