/**
 * What of a guest's headers goes to its caller: what it says of its own reply. A header that speaks for the platform, for
 * the connection, or for every page of the origin is none of a guest's business, since all handlers share the run
 * origin, and their own hosts share its domain.
 */
import { EXECUTION_HEADER, GAS_HEADER } from './send-run-problem.ts';
import { plantsSession } from './session-cookie.ts';

/** By name in lower case. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  // The platform's word.
  EXECUTION_HEADER.toLowerCase(),
  GAS_HEADER.toLowerCase(),
  // A script of one handler would stand between a browser and all others.
  'service-worker-allowed',
  // The data of other handlers, and the cookies of the whole domain.
  'clear-site-data',
  // How an origin is reached: the operator's to say.
  'strict-transport-security',
  'alt-svc',
  // A browser would report other handlers' requests to whom one handler names.
  'nel',
  'report-to',
]);

/** @param name in lower case. The value to send; undefined: the header is left out. */
export function guestsOwn(name: string, value: string): string | undefined {
  if (name !== 'set-cookie') return LEFT_OUT.has(name) ? undefined : value;
  if (plantsSession(value)) return undefined;
  // Without Domain a cookie goes to the host that set it, and to no other handler's.
  return value.replaceAll(/;\s*domain\s*(?:=[^;]*|(?=;|$))/gi, '');
}
