/** How a call of the API can fail. */
import type { components } from './schema.ts';

/** RFC 9457, as every error of the API is. */
export type Problem = components['schemas']['Problem'];

/** The API said no. The message is its sentence. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/** Nothing answered. */
export class UnreachableError extends Error {
  constructor(origin: string) {
    super(
      `${origin === '' ? 'The server' : origin} cannot be reached. Check the address and your connection, then try again.`,
    );
    this.name = 'UnreachableError';
  }
}
