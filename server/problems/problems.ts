/** All kinds of problems, one row each: code, audience, status, title, and what the page on it says. */

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
    'A field of the address or the body is not as the endpoint’s schema says: missing, unknown, of another type, too long, or of another form.',
    'Each entry of `errors` names the field, what was found, and what is allowed. Mend the field and send the request again.',
  ),
  'malformed-body': kind(
    'authors',
    400,
    'Malformed body',
    'The body cannot be read: it is not JSON, it was cut off, or its parts are not as `multipart/form-data` has them.',
    'Send well-formed JSON in UTF-8 with `Content-Type: application/json`, or the module as `application/wasm`.',
  ),
  'sign-in-failed': kind(
    'authors',
    400,
    'Sign-in failed',
    'The sign-in was not finished: it took longer than ten minutes, it was begun in another browser, or the identity provider refused it.',
    'Begin again at `/login`.',
  ),
  'sign-in-required': kind(
    'authors',
    401,
    'Sign-in required',
    'The endpoint asks for a user, and the request has neither a token nor a session.',
    'Send `Authorization: Bearer TOKEN`, or sign in at `/login`.',
  ),
  'command-login-failed': kind(
    'authors',
    422,
    'Sign-in of the command failed',
    'The code that the browser gave the command is unknown, was used before, is older than two minutes, or came without its verifier.',
    'Run `trisiel login` again.',
  ),
  'session-required': kind(
    'authors',
    403,
    'Session required',
    'What was asked for is done by a person in a browser. A token cannot do it, whatever its scopes.',
    'Sign in at `/login`, and do it in the panel.',
  ),
  'invalid-token': kind(
    'authors',
    401,
    'Invalid token',
    'The token is expired, revoked, cut off, or was not made here.',
    'Make a new token, and check that it was copied whole.',
  ),
  'account-locked': kind(
    'all',
    403,
    'Account locked',
    'An administrator has locked the account. A locked user can do nothing.',
    'Write to the operator of this server.',
  ),
  'foreign-origin': kind(
    'authors',
    403,
    'Request from another origin',
    'A page of another origin tried to change something with your session; or a server that is for its own machine alone was asked by another name.',
    'Use a token for programs. An operator who runs the panel on another host adds it to `ALLOWED_ORIGINS`.',
  ),
  'missing-scope': kind(
    'all',
    403,
    'Scope missing',
    'The token does not have the scope that the endpoint asks for.',
    'Make a token with the scope that `detail` names.',
  ),
  'tier-too-low': kind(
    'authors',
    403,
    'Tier too low',
    'Your tier may not deploy. Tier 0 reads, and runs the examples in the browser.',
    'Apply for the free tier.',
  ),
  'admin-only': kind(
    'authors',
    403,
    'For administrators',
    'The endpoint is for administrators of this server.',
    'Ask one of them.',
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
    'There is nothing at this address, or it is another user’s: the two are not told apart.',
    'Check the address. A deleted handler is found by its id alone.',
  ),
  'method-not-allowed': kind(
    'authors',
    405,
    'Method not allowed',
    'The address is there, but not with this method.',
    'The `Allow` header has the methods that are.',
  ),
  'name-taken': kind(
    'authors',
    409,
    'Name taken',
    'A handler that is not deleted has this name.',
    'Choose another name, or leave it out: a pleasant one is made up.',
  ),
  conflict: kind(
    'authors',
    409,
    'Conflict',
    'What the request asks for does not go with what is there now.',
    'Read the current state and decide again.',
  ),
  'too-large': kind(
    'all',
    413,
    'Too large',
    'The body is larger than the endpoint, or your tier, allows.',
    'Send less. A module shrinks without its debug sections: `wasm-strip`, `-O2`, or `strip = true`.',
  ),
  'unsupported-media-type': kind(
    'authors',
    415,
    'Unsupported media type',
    'The body is of a type that the endpoint does not take.',
    'The endpoint’s page names its types: `application/json` for most, `application/wasm` or `multipart/form-data` for a module. No `Content-Encoding`.',
  ),
  'module-refused': kind(
    'authors',
    422,
    'Module refused',
    'The module cannot run here: not WebAssembly, malformed, no `_start`, an import the runtime does not have, more memory than your tier allows, or too long to check.',
    '`detail` names what was found and what to do.',
  ),
  'policy-refused': kind(
    'authors',
    422,
    'Policy refused',
    'The policy file does not parse, or it raises a limit past your tier’s.',
    '`detail` names line and column, and what is allowed there.',
  ),
  'search-too-wide': kind(
    'authors',
    422,
    'Search too wide',
    'What was asked for is among more runs than the server can look through in its time: a text in their logs, or a status that is rare.',
    'Narrow it with `since` and `until`, or with `handler`.',
  ),
  'too-many-requests': kind(
    'authors',
    429,
    'Too many requests',
    'You, or your address, have made more requests than one may in a minute, or you have uploaded more modules than one may in a day.',
    'Wait as many seconds as `Retry-After` says.',
  ),
  internal: kind(
    'all',
    500,
    'Internal error',
    'The server failed; a defect of ours.',
    'Try again. If it stays so, tell the operator the `requestId`.',
  ),
  'provider-failed': kind(
    'authors',
    502,
    'Identity provider failed',
    'The identity provider that people sign in with cannot be reached, or answered what it should not.',
    'Try again later. An operator finds the reason in the log.',
  ),
  unavailable: kind(
    'all',
    503,
    'Unavailable for now',
    'The database or the object store cannot be reached, or the server is starting, stopping or full.',
    'Try again after as many seconds as `Retry-After` says.',
  ),
  'unreadable-address': kind(
    'callers',
    400,
    'Bad request',
    'The Host header and the path make no URL, the path leads out of the handler, or the request is not as HTTP has it.',
    'Check the address.',
  ),
  'handler-locked': kind(
    'callers',
    403,
    'Handler locked',
    'An administrator has locked the account of the handler’s owner. None of its handlers run.',
    'Ask the handler’s owner.',
  ),
  'no-such-handler': kind(
    'callers',
    404,
    'No such handler',
    'No handler has this name, it was deleted, or it is private and the token is not its owner’s: the three are not told apart.',
    'Check the name. Handlers answer at `/run/NAME/` and at a host of their own.',
  ),
  'no-such-execution': kind(
    'callers',
    404,
    'No such execution',
    'There is no asynchronous call with this id.',
    'Take the address from the `Location` header of the answer to the call.',
  ),
  'no-version': kind(
    'callers',
    409,
    'No version',
    'The handler was made, and no module was uploaded to it yet.',
    'Upload one. It answers at once.',
  ),
  'execution-over': kind(
    'callers',
    409,
    'Execution over',
    'The call cannot be cancelled: it has ended.',
    'Read how it ended at the same address.',
  ),
  'key-used-otherwise': kind(
    'all',
    422,
    'Key used for something else',
    'The `Idempotency-Key` was sent before, with another body: of a call, another method, path or header too; of an upload, another note.',
    'Use a new key for a new call or upload, and the same key only to send the same one again.',
  ),
  'quota-reached': kind(
    'callers',
    429,
    'Quota reached',
    'The handler’s owner has as many runs under way, or has had as many today, as the tier allows, or as many asynchronous calls that wait as may.',
    'Wait as many seconds as `Retry-After` says. The owner may ask for a higher tier.',
  ),
  'method-not-supported': kind(
    'callers',
    501,
    'Method not supported',
    'Handlers are not given TRACE or CONNECT requests.',
    'Use another method.',
  ),
  'handler-failed': kind(
    'callers',
    502,
    'The handler failed',
    'It trapped, was stopped at a limit or by its policy, exited with a status that is not 0, or gave a reply that is not CGI.',
    '`detail` says which, `executionId` names the run. Its owner finds output, log and backtrace among the executions.',
  ),
  'handler-quarantined': kind(
    'callers',
    503,
    'Handler quarantined',
    'A run of the handler’s version ended, blocked or overfilled the process that it ran in. The version does not run until its quarantine is over.',
    'The owner uploads another version, which starts anew, asks an administrator to lift the quarantine, or waits: after as many seconds as `Retry-After` says, the version gets one new trial.',
  ),
  'executor-full': kind(
    'callers',
    503,
    'Executor full',
    'The memory for guests, or the owner’s share of it, is in use, and the run waited too long or too many runs wait already; or the memory for bodies of asynchronous calls is in use; or the version is on probation, and no process for it became free in time.',
    'Try again after as many seconds as `Retry-After` says.',
  ),
  'handler-late': kind(
    'callers',
    504,
    'The handler took too long',
    'Time was up before it had answered. The deadline covers compiling, waiting for room, the run, and the requests that it makes.',
    'Ask for less at once, or call it with `Prefer: respond-async`.',
  ),
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One field that was refused. */
export interface FieldError {
  /** As a path: `body/name`, `query/limit`. */
  readonly field: string;
  readonly found: string;
  readonly allowed: string;
}

export interface ProblemExtras {
  readonly errors?: readonly FieldError[];
  /** Headers that go with it, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown anywhere in a request; the one error handler sends it. The detail is a sentence for the caller. */
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

/** The one refusal of a single field. */
export function invalidField(field: string, found: string, allowed: string): ProblemError {
  return new ProblemError('invalid-request', `${field} is ${found}; it must be ${allowed}.`, {
    errors: [{ field, found, allowed }],
  });
}
