/** Checks whether the executor processes of this machine can run handlers. */
import { isIPv6 } from 'node:net';

/** Addresses that mean all addresses of this machine, with the loopback address to use instead. */
const ALL: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Rejects unless an executor process at the port reports that it is ready. @param listenHost the address it listens at */
export async function checkReady(listenHost: string, port: number): Promise<void> {
  const host = ALL[listenHost] ?? listenHost;
  const response = await fetch(`http://${isIPv6(host) ? `[${host}]` : host}:${port}/readyz`);
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the run origin answered with status ${response.status}`);
}
