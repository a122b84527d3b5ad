/**
 * Filters the guest's response headers. All handlers share the run origin, and their own hosts share its domain, so a
 * guest must not set headers that speak for the platform, the connection, or every page of the origin.
 */
import { EXECUTION_HEADER, GAS_HEADER } from './send-run-problem.ts';
import { plantsSession } from './session-cookie.ts';

/** By name in lower case. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  // Set by the platform.
  EXECUTION_HEADER.toLowerCase(),
  GAS_HEADER.toLowerCase(),
  // A service worker of one handler could intercept requests to all others.
  'service-worker-allowed',
  // Would clear the data of other handlers, and the cookies of the whole domain.
  'clear-site-data',
  // How an origin is reached is the operator's decision.
  'strict-transport-security',
  'alt-svc',
  // Browsers would report other handlers' requests to an endpoint chosen by one handler.
  'nel',
  'report-to',
]);

/** Returns the value to send, or undefined to drop the header. @param name in lower case */
export function guestsOwn(name: string, value: string): string | undefined {
  if (name !== 'set-cookie') return LEFT_OUT.has(name) ? undefined : value;
  if (plantsSession(value)) return undefined;
  // Without Domain, a cookie is sent only to the host that set it, never to another handler's.
  return value.replaceAll(/;\s*domain\s*(?:=[^;]*|(?=;|$))/gi, '');
}
