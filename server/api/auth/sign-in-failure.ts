/** What went wrong with a sign-in: a sentence for the person, and the cause for the operator's log, without secrets. */
import { ProblemError } from '../../problems/problems.ts';
import { IssuerMismatchError } from './issuer-client.ts';

/** Characters of the cause that an issuer's own words may take. */
const MAX_WORDS = 300;

/** The refusals that the operator has to mend: the client's own registration. */
const CLIENT_ERRORS = new Set(['invalid_client', 'unauthorized_client']);

/**
 * @param step what was being done, such as `the exchange of the code`
 * @param secrets that must not reach the log, whatever an issuer repeats
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
          'The identity provider was not allowed to tell this server who you are. Begin again at /login.',
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
      'The identity provider does not accept the client id and secret of this server. Its operator finds the cause in the log.',
      cause,
    );
  }
  if (error instanceof ResponseBodyError && error.status < 500) {
    return failure(
      'sign-in-failed',
      'The identity provider did not take the code. Begin again at /login.',
      cause,
    );
  }
  if (error instanceof ClientError && error.code === 'OAUTH_INVALID_RESPONSE') {
    return failure(
      'sign-in-failed',
      'The identity provider’s answer is not one to this sign-in. Begin again at /login.',
      cause,
    );
  }
  return failure(
    'provider-failed',
    'The identity provider cannot be reached, or answered what it should not. Try again later.',
    cause,
  );
}

/** @param cause for the log */
export function failure(
  code: 'sign-in-failed' | 'provider-failed',
  detail: string,
  cause: string,
): ProblemError {
  // An error of our own: those of the library carry whole responses, with tokens in them.
  return Object.assign(new ProblemError(code, detail), { cause: new Error(cause) });
}

/** Only fields that hold no response: an error code, a claim's name, a status. */
function describe(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 4) return '';
  if (error instanceof Response) return `status ${error.status}`;
  const found = new Map(Object.entries(error));
  const parts = [
    error instanceof Error && !(error instanceof SyntaxError) ? error.message : '',
    'code' in error ? words(error.code) : '',
    ...['status', 'error', 'error_description'].map((name) => words(found.get(name))),
  ];
  const { claim, attribute, expected, claims, body } = Object.fromEntries(found);
  const name = claim ?? attribute;
  // Of all claims only the issuer is told: it is the one that a setting has to agree with.
  if (typeof name === 'string') parts.push(`unexpected ${name}`);
  if (name === 'iss' || name === 'issuer') {
    parts.push(`expected ${words(expected)}, found ${words(memberOf(claims ?? body, name))}`);
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

function words(value: unknown): string {
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

/** An error code as OAuth has it; what else a stranger put into the address is not repeated. */
function cleanCode(code: string): string {
  return /^[a-z_]{1,40}$/.test(code) ? code : 'unknown error';
}
