/** Exit codes of `trisiel`, on which scripts may rely. */

export const EXIT_CODES = {
  ok: { code: 0, when: 'Success.' },
  failure: { code: 1, when: 'Any other failure; the message explains it.' },
  usage: { code: 2, when: 'The command line, the environment or trisiel.toml is invalid.' },
  'not-allowed': {
    code: 3,
    when: 'You are not signed in, or not allowed to do this: missing scope, tier too low, account locked.',
  },
  'not-found': { code: 4, when: 'The handler, version, execution, token or user does not exist.' },
  refused: {
    code: 5,
    when: 'The server or the policy refused something: a module, a name, a URL, a limit.',
  },
  unreachable: { code: 6, when: 'The server cannot be reached, is starting, or is overloaded.' },
  guest: {
    code: 7,
    when: 'The handler failed: it trapped, was stopped, or responded with status 400 or higher.',
  },
  interrupted: {
    code: 130,
    when: 'Interrupted by Ctrl-C or at a prompt. SIGTERM gives 143, SIGHUP 129.',
  },
} as const;

export type ExitName = keyof typeof EXIT_CODES;

/** As in shells: 128 plus the signal number. */
export function signalCode(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): number {
  return { SIGINT: EXIT_CODES.interrupted.code, SIGTERM: 143, SIGHUP: 129 }[name];
}

/** Exit codes of any command that uses a server. */
export const SERVER_EXITS: readonly ExitName[] = [
  'ok',
  'failure',
  'usage',
  'not-allowed',
  'not-found',
  'refused',
  'unreachable',
  'interrupted',
];
