/** Whether the executor processes of this machine can run handlers. */
import { isIPv6 } from 'node:net';

/** Addresses that stand for all of this machine's. */
const ALL: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Rejects unless an executor process at the port says that it is ready. @param listenHost where it listens */
export async function checkReady(listenHost: string, port: number): Promise<void> {
  const host = ALL[listenHost] ?? listenHost;
  const response = await fetch(`http://${isIPv6(host) ? `[${host}]` : host}:${port}/readyz`);
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the run origin answered with status ${response.status}`);
}
