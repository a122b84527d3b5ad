/** Reads the logs of the executions of a tail, one after the other. */
import { take, type ExecutionDetail } from '../../client/index.ts';
import { api } from '../api.ts';

export type Log = ExecutionDetail['log'];

/** A flood of runs shows the logs of the last ones alone: each is a request. */
const MAX_WAITING = 8;
const BETWEEN_MS = 150;

/** Returns what asks for the log of one more. A log that cannot be read is left out. */
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
      const asked = api.GET('/api/executions/{execution}', {
        params: { path: { execution } },
        signal,
      });
      const found = await take(asked).catch(() => undefined);
      if (found !== undefined && !signal.aborted) onLog(execution, found.log);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  };
  return (id) => {
    waiting = [...waiting, id].slice(-MAX_WAITING);
    if (isReading) return;
    isReading = true;
    void readAll().finally(() => (isReading = false));
  };
}
