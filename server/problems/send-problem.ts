/** Errors as RFC 9457 problem documents: the status equal in line and body, and nothing told but the sentence. */
import type { FastifyReply } from 'fastify';

export interface ProblemDocument {
  /** The address of the page on this kind of problem; default `about:blank`. */
  readonly type?: string;
  readonly status: number;
  /** What kind of problem, the same for all of a kind. */
  readonly title: string;
  /** One sentence: what was wrong and what to do. */
  readonly detail: string;
  /** More members, as the kind has them. */
  readonly [member: string]: unknown;
}

export function sendProblem(reply: FastifyReply, problem: ProblemDocument): FastifyReply {
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', ...problem }));
}
