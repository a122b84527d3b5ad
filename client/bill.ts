/** What a call cost, as the executor says beside the reply. */

export interface CallBill {
  /** Finds the execution, with its log and the whole bill, in the API. */
  readonly executionId: string;
  /** Undefined where the reply streamed: its gas was known when the head was out. */
  readonly gas: number | undefined;
  /** Milliseconds in the guest; undefined likewise. */
  readonly runMs: number | undefined;
}

/** Undefined where the answer was none of an execution. */
export function readBill(headers: Headers): CallBill | undefined {
  const executionId = headers.get('trisiel-execution');
  if (executionId === null) return undefined;
  const gas = headers.get('trisiel-gas');
  const run = /(?:^|,)\s*run;dur=([\d.]+)/.exec(headers.get('server-timing') ?? '')?.[1];
  return {
    executionId,
    gas: gas === null ? undefined : Number(gas),
    runMs: run === undefined ? undefined : Number(run),
  };
}
