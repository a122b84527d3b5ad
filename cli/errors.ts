/** Errors that end a command, with a message, a code for scripts and an exit code. */
import { ApiError, UnreachableError, type ApiProblem } from '../client/errors.ts';
import { EXIT_CODES, type ExitName } from './exit-codes.ts';

/** Thrown by any command. The message says what was wrong, where, and what to do. */
export class CommandError extends Error {
  readonly exit: ExitName;
  constructor(message: string, exit: ExitName = 'failure') {
    super(message);
    this.name = 'CommandError';
    this.exit = exit;
  }
}

/** The command line, the environment or a file of the project is wrong. */
export class UsageError extends CommandError {
  constructor(message: string) {
    super(message, 'usage');
    this.name = 'UsageError';
  }
}

/** The build failed. The compiler's output is printed before the message, or is part of the report with `--json`. */
export class ProjectBuildError extends CommandError {
  readonly output: string;
  constructor({ message, output }: { readonly message: string; readonly output: string }) {
    super(message);
    this.name = 'BuildError';
    this.output = output.trimEnd();
  }
}

/** The user pressed Ctrl-C or cancelled a question. */
export class Interrupted extends CommandError {
  constructor() {
    super('Interrupted.', 'interrupted');
    this.name = 'Interrupted';
  }
}

/** What `--json` writes to standard error. */
export interface ErrorReport {
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly exitCode: number;
  /** From the server's response, if there was one. */
  readonly status?: number;
  readonly requestId?: string;
  readonly errors?: ApiProblem['errors'];
  /** The compiler's output, if the build failed. */
  readonly output?: string;
}

/** Unexpected errors are reported as bugs, without a stack trace. */
export function reportError(error: unknown): ErrorReport {
  if (error instanceof ApiError) {
    const { title, code, status, requestId, errors } = error.problem;
    return {
      title,
      detail: error.problem.detail,
      code,
      exitCode: EXIT_CODES[exitOf(error.problem)].code,
      status,
      requestId,
      ...(errors === undefined ? {} : { errors }),
    };
  }
  const exit = exitOfError(error);
  const { code } = EXIT_CODES[exit];
  const known = error instanceof CommandError || error instanceof UnreachableError;
  const detail = error instanceof Error ? error.message : String(error);
  return {
    title: known ? 'The command failed' : 'Unexpected error',
    detail,
    code: exit,
    exitCode: code,
    ...(error instanceof ProjectBuildError ? { output: error.output } : {}),
  };
}

function exitOfError(error: unknown): ExitName {
  if (error instanceof CommandError) return error.exit;
  if (error instanceof UnreachableError) return 'unreachable';
  return error instanceof Error && error.name === 'AbortError' ? 'interrupted' : 'failure';
}

function exitOf({ status }: ApiProblem): ExitName {
  if (status === 401 || status === 403) return 'not-allowed';
  if (status === 404) return 'not-found';
  if (status === 429 || status >= 500) return 'unreachable';
  return 'refused';
}
