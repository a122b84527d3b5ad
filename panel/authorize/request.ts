/** What `trisiel login` asks for, by the address that it opens. */

export interface CommandRequest {
  /** Where the command listens, on this machine. */
  readonly port: number;
  /** The command's own, to know its answer again. */
  readonly state: string;
  /** SHA-256 of its verifier, in base64url. */
  readonly challenge: string;
  /** Of the token: the machine's name. */
  readonly name: string;
  /** Whether the token is to administer the server, too. */
  readonly asksAdmin: boolean;
}

/** Ports under it are not for programs of people. */
const LEAST_PORT = 1024;
const MAX_PORT = 65_535;

/** Undefined where a part is missing, or not as the command makes it. */
export function readRequest(query: Readonly<Record<string, string>>): CommandRequest | undefined {
  const { port: portText = '', state = '', challenge = '', name = '', admin } = query;
  const port = /^[1-9]\d{3,4}$/.test(portText) ? Number(portText) : 0;
  const isGood =
    port >= LEAST_PORT &&
    port <= MAX_PORT &&
    /^[\w.~-]{1,200}$/.test(state) &&
    /^[\w-]{43}$/.test(challenge) &&
    /^[^\p{Cc}]{1,100}$/u.test(name) &&
    (admin === undefined || admin === 'yes');
  return isGood ? { port, state, challenge, name, asksAdmin: admin !== undefined } : undefined;
}

/** Of this machine, by number: a name could be made to mean another. */
export function callbackUrl(
  { port, state }: CommandRequest,
  answer: { readonly code: string } | { readonly error: string },
): string {
  return `http://127.0.0.1:${port}/callback?${new URLSearchParams({ ...answer, state })}`;
}
