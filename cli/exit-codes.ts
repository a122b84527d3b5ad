/** Exit codes of `trisiel`, on which scripts may rely. */

export const EXIT_CODES = {
  ok: { code: 0, when: 'All went well.' },
  failure: { code: 1, when: 'Something else failed; the message says what.' },
  usage: { code: 2, when: 'The command line, the environment or trisiel.toml is wrong.' },
  'not-allowed': {
    code: 3,
    when: 'You are not signed in, or you may not do this: scope, tier, lock.',
  },
  'not-found': { code: 4, when: 'There is no such handler, version, execution, token or user.' },
  refused: {
    code: 5,
    when: 'Something was refused: a module, a policy, a URL under it, a name, a limit.',
  },
  unreachable: { code: 6, when: 'The server cannot be reached, is starting, or is full.' },
  guest: {
    code: 7,
    when: 'The handler failed: it trapped, was stopped, or answered with a status of 400 or more.',
  },
  interrupted: {
    code: 130,
    when: 'It was interrupted, by Ctrl-C or at a question; 143 by SIGTERM, 129 by SIGHUP.',
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
