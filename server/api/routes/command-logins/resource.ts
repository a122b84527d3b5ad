import type { RouteGroup } from '../../route.ts';

export const COMMAND_LOGINS: RouteGroup = {
  tag: 'Sign-in of the command',
  description:
    'How `trisiel login` gets a token from a signed-in browser: the browser sends a single-use code to the CLI’s loopback address (RFC 8252), and the CLI exchanges it with its verifier (PKCE, RFC 7636).',
};

/** Lifetime of a code. */
export const CODE_MS = 2 * 60_000;
