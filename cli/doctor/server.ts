/** Checks the server, the clock and the token. */
import { take } from '../../client/api.ts';
import { ApiError } from '../../client/errors.ts';
import { VERSION } from '../../olin/index.ts';
import type { Context } from '../context.ts';
import { CommandError } from '../errors.ts';
import { formatRelativeTime } from '../terminal/quantities.ts';
import { note, ok, problem, type DoctorFinding } from './finding.ts';

/** Maximum clock difference. Sign-ins and short-lived tokens are valid for minutes only. */
const MAX_SKEW_MS = 30_000;
const TIMEOUT_MS = 10_000;
const WEEK_MS = 7 * 86_400_000;

export async function checkServer(context: Context): Promise<DoctorFinding[]> {
  const origin = await context.settings.server();
  const began = Date.now();
  let server: { readonly name: string; readonly version: string; readonly now: string };
  try {
    const api = await context.openApi();
    server = await take(api.GET('/api/server', { signal: AbortSignal.timeout(TIMEOUT_MS) }));
  } catch (error) {
    return [
      problem(
        'Server',
        reportError(error),
        'Name another with --server URL or TRISIEL_SERVER, or start a local one with npm start.',
      ),
    ];
  }
  if (server.name !== 'trisiel') {
    return [
      problem('Server', `${origin} is not a Trisiel server.`, 'Check the address: --server URL.'),
    ];
  }
  // The server read its clock between sending and receiving; assume the middle.
  const middle = (began + Date.now()) / 2;
  return [
    server.version === VERSION
      ? ok('Server', `${origin} is running version ${server.version}`)
      : note(
          'Server',
          `${origin} is running version ${server.version}; this CLI has version ${VERSION}`,
          'New features of one may be missing in the other. Update the older one.',
        ),
    checkClock(Date.parse(server.now) - middle),
    await checkToken(context, origin),
  ];
}

function checkClock(aheadMs: number): DoctorFinding {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) <= MAX_SKEW_MS) return ok('Clock', 'in sync with the server');
  return problem(
    'Clock',
    `This machine is ${seconds} seconds ${aheadMs > 0 ? 'behind' : 'ahead of'} the server.`,
    'Short-lived tokens will fail. Synchronize the clock of this machine, for example with NTP.',
  );
}

async function checkToken(context: Context, origin: string): Promise<DoctorFinding> {
  const held = await context.settings.token();
  if (held === undefined) {
    return note('Token', `You are not signed in to ${origin}.`, 'Sign in: trisiel login');
  }
  const from = held.from === 'environment' ? 'TRISIEL_TOKEN' : 'the saved token';
  try {
    const who = await take((await context.api()).GET('/api/whoami'));
    const summary = `${from} is ${who.username}, tier ${who.tier}, scopes ${who.scopes.join(' ')}`;
    if (who.tier === 0) return note('Token', summary, 'Tier 0 cannot deploy. Apply: trisiel apply');
    if (!who.scopes.includes('handlers:write')) {
      return note(
        'Token',
        summary,
        'It cannot deploy without the scope handlers:write. Sign in again: trisiel login',
      );
    }
    const saved = await context.settings.credentials.find(origin);
    const expiresAt = held.from === 'saved' ? saved?.expiresAt : undefined;
    if (expiresAt !== undefined && Date.parse(expiresAt) - Date.now() < WEEK_MS) {
      return note(
        'Token',
        `${summary}; it expires ${formatRelativeTime(expiresAt)}`,
        'Sign in again: trisiel login',
      );
    }
    return ok('Token', summary);
  } catch (error) {
    return problem('Token', `${from}: ${reportError(error)}`, 'Sign in again: trisiel login');
  }
}

function reportError(error: unknown): string {
  if (error instanceof ApiError || error instanceof CommandError) return error.message;
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `The server did not respond within ${TIMEOUT_MS / 1000} seconds.`;
  }
  return error instanceof Error ? error.message : String(error);
}
