/** Loads the logs of the executions in a tail, one at a time. */
import { take, type ApiExecutionDetail } from '../../../client/index.ts';
import { api } from '../../api.ts';

export type Log = ApiExecutionDetail['log'];

/** Maximum queue length. Each log is a request, so during a burst of runs only the latest logs are loaded. */
const MAX_WAITING = 8;
const PAUSE_MS = 150;

/** Returns a function that queues the log of an execution. Logs that cannot be loaded are skipped. */
export function queueLogs(
  signal: AbortSignal,
  onLog: (id: string, log: Log) => void,
): (id: string) => void {
  let waiting: string[] = [];
  let isReading = false;
  const readAll = async (): Promise<void> => {
    for (;;) {
      const execution = waiting.shift();
      if (execution === undefined || signal.aborted) return;
      const request = api.GET('/api/executions/{execution}', {
        params: { path: { execution } },
        signal,
      });
      const found = await take(request).catch(() => undefined);
      if (found !== undefined && !signal.aborted) onLog(execution, found.log);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  return (id) => {
    waiting = [...waiting, id].slice(-MAX_WAITING);
    if (isReading) return;
    isReading = true;
    void readAll().finally(() => (isReading = false));
  };
}
