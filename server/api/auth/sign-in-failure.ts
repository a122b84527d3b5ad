/** Errors of a sign-in: a sentence for the user, and the cause for the operator's log, without secrets. */
import { ProblemError } from '../../problems/problems.ts';
import { IssuerMismatchError } from './issuer-client.ts';

/** Maximum number of characters quoted from an issuer's response. */
const MAX_WORDS = 300;

/** Errors about the registration of the client, which the operator must fix. */
const CLIENT_ERRORS = new Set(['invalid_client', 'unauthorized_client']);

/**
 * Turns an error of a sign-in into a problem.
 * @param step the step that failed, such as `the exchange of the code`
 * @param secrets values to remove from the cause, since an issuer may repeat them
 */
export async function explain(
  error: unknown,
  step: string,
  secrets: readonly string[],
): Promise<ProblemError> {
  if (error instanceof ProblemError) return error;
  const { AuthorizationResponseError, ClientError, ResponseBodyError } =
    await import('openid-client');
  const cause = redact(`${step} failed: ${describe(error)}`, secrets);
  if (error instanceof AuthorizationResponseError) {
    return error.error === 'access_denied'
      ? failure(
          'sign-in-failed',
          'You did not allow the identity provider to share your identity with this server. Begin again at /login.',
          cause,
        )
      : failure(
          'sign-in-failed',
          `The identity provider refused: ${cleanCode(error.error)}. Begin again at /login.`,
          cause,
        );
  }
  if (error instanceof ResponseBodyError && CLIENT_ERRORS.has(error.error)) {
    return failure(
      'provider-failed',
      'The identity provider rejected the client ID and secret of this server. The server’s log has the cause.',
      cause,
    );
  }
  if (error instanceof ResponseBodyError && error.status < 500) {
    return failure(
      'sign-in-failed',
      'The identity provider rejected the code. Begin again at /login.',
      cause,
    );
  }
  if (error instanceof ClientError && error.code === 'OAUTH_INVALID_RESPONSE') {
    return failure(
      'sign-in-failed',
      'The identity provider’s response does not belong to this sign-in. Begin again at /login.',
      cause,
    );
  }
  return failure(
    'provider-failed',
    'The identity provider cannot be reached, or sent an invalid response. Try again later.',
    cause,
  );
}

/** @param cause the cause for the log */
export function failure(
  code: 'sign-in-failed' | 'provider-failed',
  detail: string,
  cause: string,
): ProblemError {
  // A new error as cause, because the library's errors contain whole responses with tokens.
  return Object.assign(new ProblemError(code, detail), { cause: new Error(cause) });
}

/** Quotes only fields that contain no tokens: messages, error codes, names of claims, the status. */
function describe(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 4) return '';
  if (error instanceof Response) return `status ${error.status}`;
  const found = new Map(Object.entries(error));
  const parts = [
    error instanceof Error && !(error instanceof SyntaxError) ? error.message : '',
    'code' in error ? quote(error.code) : '',
    ...['status', 'error', 'error_description'].map((name) => quote(found.get(name))),
  ];
  const { claim, attribute, expected, claims, body } = Object.fromEntries(found);
  const name = claim ?? attribute;
  // The issuer is the only claim whose value is quoted, because OIDC_ISSUER must match it.
  if (typeof name === 'string') parts.push(`unexpected ${name}`);
  if (name === 'iss' || name === 'issuer') {
    parts.push(`expected ${quote(expected)}, found ${quote(memberOf(claims ?? body, name))}`);
  }
  if (!(error instanceof IssuerMismatchError) && 'cause' in error) {
    parts.push(describe(error.cause, depth + 1));
  }
  return [...new Set(parts.filter((part) => part !== ''))].join(': ');
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function quote(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string'
    ? value.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, MAX_WORDS)
    : '';
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}

/** Returns an OAuth error code. Anything else in the URL may be an attacker's text, so it is not repeated. */
function cleanCode(code: string): string {
  return /^[a-z_]{1,40}$/.test(code) ? code : 'unknown error';
}
