/** Reads what a call cost from the response headers that the executor adds. */

export interface CallBill {
  /** ID of the execution, whose log and complete bill are available from the API. */
  readonly executionId: string;
  /** Undefined for streamed responses: gas is known only after the headers are sent. */
  readonly gas: number | undefined;
  /** Duration of the run in milliseconds, including waiting. Undefined for streamed responses. */
  readonly runMs: number | undefined;
}

/** Returns undefined if the response did not come from an execution. */
export function readBill(headers: Headers): CallBill | undefined {
  const executionId = headers.get('trisiel-execution');
  if (executionId === null) return undefined;
  const gas = headers.get('trisiel-gas');
  // The handler's own entries come first.
  const timings = headers.get('server-timing') ?? '';
  const run = [...timings.matchAll(/(?:^|,)\s*run;dur=([\d.]+)/g)].at(-1)?.[1];
  return {
    executionId,
    gas: gas === null ? undefined : Number(gas),
    runMs: run === undefined ? undefined : Number(run),
  };
}
