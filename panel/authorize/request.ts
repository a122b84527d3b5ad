/** The authorization request that `trisiel login` encodes in the URL it opens. */

export interface CliAuthorizationRequest {
  /** Port on this machine that the CLI listens on. */
  readonly port: number;
  /** Random value by which the CLI recognises the response to its request. */
  readonly state: string;
  /** SHA-256 of the CLI's verifier, in base64url. */
  readonly challenge: string;
  /** Name of the token: the name of the machine. */
  readonly name: string;
  /** Whether the CLI requests the admin scope. */
  readonly asksAdmin: boolean;
}

/** Lower ports are reserved for system services. */
const MIN_PORT = 1024;
const MAX_PORT = 65_535;

/** Returns undefined if a part is missing or does not have the form that the CLI produces. */
export function readRequest(
  query: Readonly<Record<string, string>>,
): CliAuthorizationRequest | undefined {
  const { port: portText = '', state = '', challenge = '', name = '', admin } = query;
  const port = /^[1-9]\d{3,4}$/.test(portText) ? Number(portText) : 0;
  const isGood =
    port >= MIN_PORT &&
    port <= MAX_PORT &&
    /^[\w.~-]{1,200}$/.test(state) &&
    /^[\w-]{43}$/.test(challenge) &&
    /^[^\p{Cc}]{1,100}$/u.test(name) &&
    (admin === undefined || admin === 'yes');
  return isGood ? { port, state, challenge, name, asksAdmin: admin !== undefined } : undefined;
}

/** Returns the CLI's callback URL. It uses an IP address because a host name could resolve to another machine. */
export function callbackUrl(
  { port, state }: CliAuthorizationRequest,
  answer: { readonly code: string } | { readonly error: string },
): string {
  return `http://127.0.0.1:${port}/callback?${new URLSearchParams({ ...answer, state })}`;
}
