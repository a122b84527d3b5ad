/** From whatever was thrown to the problem that is sent: the one error handler of the API. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sqlState } from '../db/database.ts';
import { DatabaseUnavailableError, type Outage } from '../db/unavailable.ts';
import { sendProblem } from '../problem.ts';
import { ProblemError, PROBLEMS, type ProblemCode } from '../problems.ts';
import { StoreError } from '../store/store.ts';
import { failurePage } from './auth/failure-page.ts';
import { wantsPage } from './auth/pages.ts';
import type { Services } from './services.ts';

const RETRY = { headers: { 'retry-after': '5' } };

function unkeepable(): ProblemError {
  return new ProblemError(
    'invalid-request',
    'A text holds a character that cannot be kept, such as NUL, or a time is out of range. Leave it out.',
  );
}

/** What the database refused, by SQLSTATE. A state that is not here is a defect of ours. */
const SQL_STATES: Readonly<Record<string, () => ProblemError>> = {
  // unique_violation, foreign_key_violation: someone else was faster.
  '23505': () =>
    new ProblemError(
      'conflict',
      'Another request did the same a moment ago. Read the current state and decide again.',
    ),
  '23503': () =>
    new ProblemError(
      'conflict',
      'What the request names is gone. Read the current state and decide again.',
    ),
  // character_not_in_repertoire, untranslatable_character: a text with NUL in it.
  '22021': unkeepable,
  '22P05': unkeepable,
  // invalid_datetime_format, datetime_field_overflow.
  '22007': unkeepable,
  '22008': unkeepable,
  // serialization_failure, deadlock_detected, query_canceled.
  '40001': () =>
    new ProblemError('unavailable', 'The database was busy with the same rows. Try again.', RETRY),
  '40P01': () =>
    new ProblemError('unavailable', 'The database was busy with the same rows. Try again.', RETRY),
  '57014': () =>
    new ProblemError(
      'unavailable',
      'The database took too long. Try again, or ask for less.',
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
    new ProblemError(
      'unavailable',
      'The database has no room for more now. Try again in a moment.',
      RETRY,
    ),
};

/** Codes of Fastify. */
const CODES: Readonly<Record<string, () => ProblemError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new ProblemError('too-large', 'The body is larger than this endpoint takes.'),
  FST_REQ_FILE_TOO_LARGE: () =>
    new ProblemError('too-large', 'The file is larger than this endpoint takes.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new ProblemError(
      'unsupported-media-type',
      'The body must be application/json, with Content-Type saying so.',
    ),
};

/** Undefined for an error that nobody foresaw: a defect of ours. */
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
      'The body cannot be read: it is not well-formed, or was cut off.',
    );
  }
  return undefined;
}

/** A size that is refused names the limit, and the size if the request says it. */
function describeTooLarge(error: unknown, request: FastifyRequest): ProblemError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const limit = request.routeOptions.bodyLimit;
  if (code !== 'FST_ERR_CTP_BODY_TOO_LARGE' || limit === undefined) return undefined;
  const given = Number(request.headers['content-length'] ?? 0);
  const options = { headers: { connection: 'close' } };
  return given > limit
    ? new ProblemError(
        'too-large',
        `The body has ${given} bytes; this endpoint takes ${limit}. Send less.`,
        options,
      )
    : new ProblemError(
        'too-large',
        `The body is larger than the ${limit} bytes that this endpoint takes. Send less.`,
        options,
      );
}

export function sendError(
  services: Services,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem =
    describeTooLarge(error, request) ??
    toProblem(error) ??
    new ProblemError(
      'internal',
      'The server failed to answer. Try again; if it stays so, tell its operator the requestId.',
    );
  const cause = problem === error ? problem.cause : error;
  if (problem.status >= 500) {
    services.log.error({ err: cause ?? problem, requestId: request.id }, 'a request failed');
  } else if (problem === error && cause !== undefined) {
    services.log.warn({ err: cause, requestId: request.id }, 'a request was refused');
  }
  reply.headers({ ...problem.extras.headers });
  const { code, message: detail } = problem;
  if (wantsPage(request)) {
    const { title, status } = PROBLEMS[code];
    const help = problemType(services.config.docsOrigin, code);
    return reply
      .code(status)
      .type('text/html; charset=utf-8')
      .send(failurePage({ title, detail, help, requestId: request.id }));
  }
  return sendProblem(reply, {
    type: problemType(services.config.docsOrigin, code),
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    detail,
    code,
    requestId: request.id,
    ...(problem.extras.errors === undefined ? {} : { errors: problem.extras.errors }),
  });
}

/** The page on a kind of problem. */
export function problemType(docsOrigin: string, code: ProblemCode): string {
  return `${docsOrigin}/server/errors/${code}/`;
}
