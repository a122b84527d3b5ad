/** All kinds of problems that the server reports: code, audience, status, title, and the text of the documentation page. */

/** Who gets a problem: authors from the API, callers of handlers from the executors, or all of them. */
type Audience = 'authors' | 'callers' | 'all';

interface ProblemKind {
  readonly audience: Audience;
  readonly status: number;
  readonly title: string;
  /** When it happens. */
  readonly when: string;
  /** What to do about it. */
  readonly remedy: string;
}

const kind = (
  audience: Audience,
  status: number,
  title: string,
  when: string,
  remedy: string,
): ProblemKind => ({
  audience,
  status,
  title,
  when,
  remedy,
});

export const PROBLEMS = {
  'invalid-request': kind(
    'all',
    400,
    'Invalid request',
    'A parameter or a field of the body does not match the endpoint’s schema: it is missing, unknown, of the wrong type or form, or too long.',
    'Each entry of `errors` names the field, what was found, and what is allowed. Correct the field and send the request again.',
  ),
  'malformed-body': kind(
    'authors',
    400,
    'Malformed body',
    'The body cannot be read: it is not JSON, it is incomplete, or it is not valid `multipart/form-data`.',
    'Send valid JSON in UTF-8 with `Content-Type: application/json`, or the module as `application/wasm`.',
  ),
  'sign-in-failed': kind(
    'authors',
    400,
    'Sign-in failed',
    'The sign-in failed: it took longer than ten minutes, was started in another browser, or the identity provider refused it.',
    'Begin again at `/login`.',
  ),
  'sign-in-required': kind(
    'authors',
    401,
    'Sign-in required',
    'The endpoint requires authentication, and the request has neither a token nor a session.',
    'Send `Authorization: Bearer TOKEN`, or sign in at `/login`.',
  ),
  'command-login-failed': kind(
    'authors',
    422,
    'CLI sign-in failed',
    'The code from the browser is unknown, was used before, is older than two minutes, or does not match the verifier.',
    'Run `trisiel login` again.',
  ),
  'session-required': kind(
    'authors',
    403,
    'Session required',
    'This action requires a browser session. A token cannot do it, whatever its scopes.',
    'Sign in at `/login` and use the panel.',
  ),
  'invalid-token': kind(
    'authors',
    401,
    'Invalid token',
    'The token is expired, revoked, incomplete, or was not issued by this server.',
    'Create a new token, and check that it was copied completely.',
  ),
  'account-locked': kind(
    'all',
    403,
    'Account locked',
    'An administrator has locked the account. Locked users cannot use the API.',
    'Contact the operator of this server.',
  ),
  'foreign-origin': kind(
    'authors',
    403,
    'Request from another origin',
    'A page of another origin tried to make a change with your session, or a request to a local server used a host name other than localhost.',
    'Use a token in programs. If the panel runs on another host, the operator adds its origin to `ALLOWED_ORIGINS`.',
  ),
  'missing-scope': kind(
    'all',
    403,
    'Scope missing',
    'The token does not have the scope that the endpoint requires.',
    'Create a token with the scope that `detail` names.',
  ),
  'tier-too-low': kind(
    'authors',
    403,
    'Tier too low',
    'Your tier cannot deploy. Tier 0 can read, and run the examples in the browser.',
    'Apply for the free tier.',
  ),
  'admin-only': kind(
    'authors',
    403,
    'Administrators only',
    'Only administrators of this server can use the endpoint.',
    'Ask an administrator.',
  ),
  'limit-reached': kind(
    'authors',
    403,
    'Limit of the tier reached',
    'You have as many of these as your tier allows.',
    'Delete what you no longer need, or ask for a higher tier.',
  ),
  'not-found': kind(
    'authors',
    404,
    'Not found',
    'There is nothing at this address, or it belongs to another user. The response does not reveal which.',
    'Check the address. A deleted handler is found only by its ID.',
  ),
  'method-not-allowed': kind(
    'authors',
    405,
    'Method not allowed',
    'The endpoint does not support this method.',
    'The `Allow` header lists the supported methods.',
  ),
  'name-taken': kind(
    'authors',
    409,
    'Name taken',
    'An active handler has this name.',
    'Choose another name, or omit it to have one generated.',
  ),
  conflict: kind(
    'authors',
    409,
    'Conflict',
    'The request conflicts with the current state.',
    'Read the current state and decide again.',
  ),
  'too-large': kind(
    'all',
    413,
    'Too large',
    'The body is larger than the endpoint or your tier allows.',
    'Send less. Removing debug sections makes a module smaller: `wasm-strip`, `-O2`, or `strip = true`.',
  ),
  'unsupported-media-type': kind(
    'authors',
    415,
    'Unsupported media type',
    'The endpoint does not accept the media type of the body.',
    'The endpoint’s documentation lists the accepted types: `application/json` for most, `application/wasm` or `multipart/form-data` for a module. No `Content-Encoding`.',
  ),
  'module-refused': kind(
    'authors',
    422,
    'Module refused',
    'The module cannot run here: it is not valid WebAssembly, has no `_start`, imports something that the runtime does not provide, needs more memory than your tier allows, or takes too long to check.',
    '`detail` names what was found and what to do.',
  ),
  'policy-refused': kind(
    'authors',
    422,
    'Policy refused',
    'The policy file is invalid, or sets a limit higher than your tier allows.',
    '`detail` names the line and column, or the limit.',
  ),
  'search-too-wide': kind(
    'authors',
    422,
    'Search too wide',
    'The search covers more executions than the server can search in time, for a text in their logs or for a rare status.',
    'Narrow it with `since` and `until`, or with `handler`.',
  ),
  'too-many-requests': kind(
    'authors',
    429,
    'Too many requests',
    'You or your address made too many requests in a minute, or you uploaded too many modules in a minute or a day.',
    'Wait the number of seconds in `Retry-After`.',
  ),
  internal: kind(
    'all',
    500,
    'Internal error',
    'The server failed because of a bug.',
    'Try again. If it keeps failing, report the `requestId` to the operator.',
  ),
  'provider-failed': kind(
    'authors',
    502,
    'Identity provider failed',
    'The identity provider cannot be reached, or sent an invalid response.',
    'Try again later. The server’s log has the cause.',
  ),
  unavailable: kind(
    'all',
    503,
    'Temporarily unavailable',
    'The database or the object store cannot be reached, or the server is starting, stopping or overloaded.',
    'Try again after the number of seconds in `Retry-After`.',
  ),
  'unreadable-address': kind(
    'callers',
    400,
    'Bad request',
    'The Host header and the path do not form a URL, the path leads out of the handler, or the request is not valid HTTP.',
    'Check the address.',
  ),
  'handler-locked': kind(
    'callers',
    403,
    'Handler locked',
    'An administrator has locked the account of the handler’s owner. None of the owner’s handlers run.',
    'Ask the handler’s owner.',
  ),
  'no-such-handler': kind(
    'callers',
    404,
    'No such handler',
    'No handler has this name, it was deleted, or it is private and the token does not belong to its owner. The response does not reveal which.',
    'Check the name. A handler’s URL is `/run/NAME/`, or a host of its own.',
  ),
  'no-such-execution': kind(
    'callers',
    404,
    'No such execution',
    'There is no asynchronous call with this ID.',
    'Use the address in the `Location` header of the response to the call.',
  ),
  'no-version': kind(
    'callers',
    409,
    'No version',
    'The handler exists, but no module was uploaded to it yet.',
    'Upload a module.',
  ),
  'execution-over': kind(
    'callers',
    409,
    'Execution over',
    'The call cannot be cancelled: it has ended.',
    'Get its result at the same address.',
  ),
  'key-used-otherwise': kind(
    'all',
    422,
    'Idempotency key reused',
    'The `Idempotency-Key` was used before for a different request: another body; for a call, another method, path or header; for an upload, another note.',
    'Use a new key for each new call or upload. Repeat a key only to send the same request again.',
  ),
  'quota-reached': kind(
    'callers',
    429,
    'Quota reached',
    'The handler’s owner has reached the tier’s limit of concurrent runs, runs per day, or waiting asynchronous calls.',
    'Wait as many seconds as `Retry-After` says. The owner can ask for a higher tier.',
  ),
  'method-not-supported': kind(
    'callers',
    501,
    'Method not supported',
    'Handlers do not receive TRACE or CONNECT requests.',
    'Use another method.',
  ),
  'handler-failed': kind(
    'callers',
    502,
    'The handler failed',
    'The handler trapped, was stopped at a limit or by its policy, exited with a nonzero status, or wrote an invalid CGI reply.',
    '`detail` says which, and `executionId` identifies the run. Its owner finds the output, log and backtrace in the execution.',
  ),
  'handler-quarantined': kind(
    'callers',
    503,
    'Handler quarantined',
    'A run of the handler’s version crashed its process, blocked it, or exceeded its memory. The version does not run until its quarantine ends.',
    'The owner can upload another version, ask an administrator to lift the quarantine, or wait: after the number of seconds in `Retry-After`, the version gets one more trial.',
  ),
  'executor-full': kind(
    'callers',
    503,
    'Executor full',
    'The memory for guests, or the owner’s share of it, is in use, and the run waited too long or too many runs are waiting; the memory for bodies of asynchronous calls is in use; or the version is on probation and no process for it became free in time.',
    'Try again after the number of seconds in `Retry-After`.',
  ),
  'handler-late': kind(
    'callers',
    504,
    'The handler took too long',
    'The handler did not respond before the deadline, which covers compiling, waiting for memory, the run, and the requests that the run makes.',
    'Request less at once, or call the handler with `Prefer: respond-async`.',
  ),
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One invalid field of a request. */
export interface FieldError {
  /** The path of the field: `body/name`, `query/limit`. */
  readonly field: string;
  readonly found: string;
  readonly allowed: string;
}

export interface ProblemExtras {
  readonly errors?: readonly FieldError[];
  /** Headers of the response, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown while handling a request; the error handler sends it. The message is a sentence for the caller. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;
  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.name = 'ProblemError';
    this.code = code;
    this.extras = extras;
  }
  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** The problem for a single invalid field. */
export function invalidField(field: string, found: string, allowed: string): ProblemError {
  return new ProblemError('invalid-request', `${field} is ${found}; it must be ${allowed}.`, {
    errors: [{ field, found, allowed }],
  });
}
