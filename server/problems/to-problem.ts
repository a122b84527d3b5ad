/** Converts any error to a problem, for the API and for executors. */
import { sqlState } from '../db/connection/database.ts';
import { DatabaseUnavailableError, type Outage } from '../db/connection/unavailable.ts';
import { StoreError } from '../store/store.ts';
import { ProblemError } from './problems.ts';

const RETRY = { headers: { 'retry-after': '5' } };

function unstorable(): ProblemError {
  return new ProblemError(
    'invalid-request',
    'A text contains a character that cannot be stored, such as NUL, or a time is out of range. Remove it.',
  );
}

/** Errors of the database by SQLSTATE. Any other state is a bug of the server. */
const SQL_STATES: Readonly<Record<string, () => ProblemError>> = {
  // unique_violation, foreign_key_violation: a concurrent request was faster.
  '23505': () =>
    new ProblemError(
      'conflict',
      'A concurrent request made the same change. Read the current state and decide again.',
    ),
  '23503': () =>
    new ProblemError(
      'conflict',
      'Something that the request names no longer exists. Read the current state and decide again.',
    ),
  // character_not_in_repertoire, untranslatable_character: a text contains NUL.
  '22021': unstorable,
  '22P05': unstorable,
  // invalid_datetime_format, datetime_field_overflow.
  '22007': unstorable,
  '22008': unstorable,
  // serialization_failure, deadlock_detected, query_canceled.
  '40001': () =>
    new ProblemError('unavailable', 'The database was busy with the same rows. Try again.', RETRY),
  '40P01': () =>
    new ProblemError('unavailable', 'The database was busy with the same rows. Try again.', RETRY),
  '57014': () =>
    new ProblemError(
      'unavailable',
      'The database took too long. Try again, or request less.',
      RETRY,
    ),
};

const OUTAGES: Readonly<Record<Outage, () => ProblemError>> = {
  unreachable: () =>
    new ProblemError(
      'unavailable',
      'The database cannot be reached. Try again in a moment.',
      RETRY,
    ),
  restarting: () =>
    new ProblemError('unavailable', 'The database is restarting. Try again in a moment.', RETRY),
  overloaded: () =>
    new ProblemError('unavailable', 'The database is overloaded. Try again in a moment.', RETRY),
};

/** Errors of Fastify by code. */
const CODES: Readonly<Record<string, () => ProblemError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new ProblemError('too-large', 'The body is larger than this endpoint accepts.'),
  FST_REQ_FILE_TOO_LARGE: () =>
    new ProblemError('too-large', 'The file is larger than this endpoint accepts.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new ProblemError(
      'unsupported-media-type',
      'The body must be JSON, with Content-Type: application/json.',
    ),
};

/** Returns undefined for an unexpected error, which is a bug of the server. */
export function toProblem(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (error instanceof DatabaseUnavailableError) {
    return OUTAGES[error.outage]();
  }
  const state = sqlState(error);
  if (state !== undefined) return SQL_STATES[state]?.();
  if (error instanceof StoreError) {
    return new ProblemError(
      'unavailable',
      'The object store cannot be reached. Try again in a moment.',
      RETRY,
    );
  }
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = CODES[code];
  if (known !== undefined) return known();
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413) return CODES['FST_ERR_CTP_BODY_TOO_LARGE']?.();
  if (status === 415) return CODES['FST_ERR_CTP_INVALID_MEDIA_TYPE']?.();
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new ProblemError(
      'malformed-body',
      'The body cannot be read: it is malformed or incomplete.',
    );
  }
  return undefined;
}
