/** LISTEN on a dedicated connection that is probed, since a dead connection looks like an idle one. */
import { Client, escapeIdentifier } from 'pg';
import type { ClientConfig } from 'pg';

export interface PostgresListenOptions {
  readonly connection: ClientConfig;
  readonly channel: string;
  /** Called with an empty payload after a reconnect: notifications may have been missed. */
  readonly onNotice: (payload: string) => void;
  readonly onLost: (error: Error) => void;
  /** Milliseconds between probes, and until a probe counts as failed; default 5 s. */
  readonly probeMs?: number;
}

/** Milliseconds between attempts to listen again. */
const RETRY_MS = 500;
/** TCP keepalive detects a dead host only after minutes, and never a proxy that drops data. */
const PROBE_MS = 5000;

/** Resolves once it listens; rejects if that fails. Afterwards it reconnects until the returned function is called. */
export async function listenOnPostgres(
  options: PostgresListenOptions,
): Promise<() => Promise<void>> {
  const { connection, channel, onNotice, onLost, probeMs = PROBE_MS } = options;
  let client: Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let probe: NodeJS.Timeout | undefined;
  let isStopped = false;

  const open = async (): Promise<void> => {
    const fresh = new Client({ ...connection, query_timeout: probeMs });
    // The first connection is retried by the caller; retrying here too would double the attempts.
    let isUp = false;
    const onEnd = (error: Error): void => {
      clearTimeout(probe);
      if (!isUp || isStopped) return;
      isUp = false;
      onLost(error);
      destroy(fresh);
      retry = setTimeout(reopen, RETRY_MS);
    };
    const probeLater = (): void => {
      probe = setTimeout(() => {
        fresh.query('select 1').then(
          () => (isUp && !isStopped ? probeLater() : undefined),
          (error: unknown) => onEnd(asError(error)),
        );
      }, probeMs);
      probe.unref();
    };
    fresh.on('error', onEnd);
    fresh.on('end', () => onEnd(new Error('the connection was closed')));
    fresh.on('notification', ({ payload }) => onNotice(payload ?? ''));
    client = fresh;
    try {
      await fresh.connect();
      await fresh.query(`listen ${escapeIdentifier(channel)}`);
    } catch (error) {
      destroy(fresh);
      throw error;
    }
    if (isStopped) return destroy(fresh);
    isUp = true;
    probeLater();
  };
  const reopen = (): void => {
    open().then(
      () => (isStopped ? undefined : onNotice('')),
      (error: unknown) => {
        if (isStopped) return;
        onLost(asError(error));
        retry = setTimeout(reopen, RETRY_MS);
      },
    );
  };
  await open();
  return async () => {
    isStopped = true;
    clearTimeout(retry);
    clearTimeout(probe);
    if (client !== undefined) await endWithin(client, probeMs);
  };
}

/** Closes the socket without a termination message, which nobody would answer. */
function destroy(client: Client): void {
  client.connection.stream.destroy();
}

/** A dead server does not answer the termination message. */
async function endWithin(client: Client, ms: number): Promise<void> {
  const timer = setTimeout(() => destroy(client), ms);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
