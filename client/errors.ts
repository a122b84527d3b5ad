/** Errors of API requests. */
import type { components } from './schema.ts';

/** RFC 9457 problem details, the body of every error response of the API. */
export type ApiProblem = components['schemas']['Problem'];

/** The API returned an error. The message is the `detail` of its problem. */
export class ApiError extends Error {
  readonly problem: ApiProblem;

  constructor(problem: ApiProblem) {
    super(problem.detail);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/** The server could not be reached. */
export class UnreachableError extends Error {
  constructor(origin: string) {
    super(
      `${origin === '' ? 'The server' : origin} cannot be reached. Check the address and your connection, then try again.`,
    );
    this.name = 'UnreachableError';
  }
}
