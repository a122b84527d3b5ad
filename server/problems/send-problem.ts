/** Sends RFC 9457 problem documents. They contain no details beyond the given members. */
import type { FastifyReply } from 'fastify';

export interface ProblemDocument {
  /** URL of the documentation page for this kind of problem. Default: `about:blank`. */
  readonly type?: string;
  readonly status: number;
  /** Short title, the same for all problems of this kind. */
  readonly title: string;
  /** One sentence: what was wrong and what to do. */
  readonly detail: string;
  /** Additional members. */
  readonly [member: string]: unknown;
}

export function sendProblem(reply: FastifyReply, problem: ProblemDocument): FastifyReply {
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', ...problem }));
}
