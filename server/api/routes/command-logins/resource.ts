import type { Resource } from '../../route.ts';

export const COMMAND_LOGINS: Resource = {
  tag: 'Sign-in of the command',
  description:
    'How `trisiel login` is given a token by a browser that is signed in: a code that is good once, for whoever has the verifier (PKCE, RFC 7636), sent to the command’s own address on the same machine (RFC 8252).',
};

/** A code lives so long. */
export const CODE_MS = 2 * 60_000;
