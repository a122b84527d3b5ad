/** The JSON form of an asynchronous call, in its page and in its callback. */
import type { Queryable } from '../../db/connection/database.ts';
import { listAttempts, type CallAttempt } from '../../db/runs/call-attempts.ts';
import type { AsyncCall } from '../../db/runs/calls.ts';

export async function viewCall(db: Queryable, call: AsyncCall, runOrigin: string) {
  const attempts = await listAttempts(db, call.id);
  const succeeded = attempts.find(({ status }) => status === 'succeeded');
  return {
    id: call.id,
    url: `${runOrigin}/executions/${call.id}`,
    handler: call.handlerName,
    status: call.status,
    createdAt: call.createdAt.toISOString(),
    attempts: attempts.map(viewAttempt),
    ...(succeeded === undefined ? {} : { response: viewResponse(call, succeeded) }),
  };
}

function viewAttempt(attempt: CallAttempt) {
  const { id, status, httpStatus, exitCode, trapCode, gas, wallMs, startedAt } = attempt;
  return {
    executionId: id,
    attempt: attempt.attempt,
    status,
    httpStatus,
    exitCode,
    reason: trapCode,
    gas,
    wallMs,
    startedAt: startedAt.toISOString(),
  };
}

/** The body, up to 256 KiB: text if it is valid UTF-8, Base64 otherwise. */
function viewResponse({ replyStatus, replyHeaders }: AsyncCall, { output }: CallAttempt) {
  return {
    status: replyStatus,
    headers: (replyHeaders ?? []).map(([name, value]) => ({ name, value })),
    ...viewBody(output),
  };
}

function viewBody(output: Uint8Array): { body: string } | { bodyBase64: string } {
  try {
    return { body: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(output) };
  } catch {
    return { bodyBase64: Buffer.from(output).toString('base64') };
  }
}
