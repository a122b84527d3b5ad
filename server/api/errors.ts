/** The error handler of the API: converts errors to problem documents. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../problems/send-problem.ts';
import { ProblemError, PROBLEMS, type ProblemCode } from '../problems/problems.ts';
import { failurePage } from './auth/failure-page.ts';
import { wantsPage } from './auth/pages.ts';
import { toProblem } from '../problems/to-problem.ts';
import type { Services } from './services.ts';

/** Names the limit in the error for a body that is too large, and the body's size if the request declares it. */
function describeTooLarge(error: unknown, request: FastifyRequest): ProblemError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const limit = request.routeOptions.bodyLimit;
  if (code !== 'FST_ERR_CTP_BODY_TOO_LARGE' || limit === undefined) return undefined;
  const given = Number(request.headers['content-length'] ?? 0);
  const options = { headers: { connection: 'close' } };
  return given > limit
    ? new ProblemError(
        'too-large',
        `The body has ${given} bytes; this endpoint accepts ${limit}. Send less.`,
        options,
      )
    : new ProblemError(
        'too-large',
        `The body is larger than the ${limit} bytes that this endpoint accepts. Send less.`,
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
      'The server failed to handle the request. Try again; if it keeps failing, report the requestId to the operator.',
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

/** The address of the documentation page of a problem. */
export function problemType(docsOrigin: string, code: ProblemCode): string {
  return `${docsOrigin}/server/errors/${code}/`;
}
