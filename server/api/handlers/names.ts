/** Names of handlers: a DNS label, since `NAME.run.trisiel.dev` is a host. */
import { randomInt } from 'node:crypto';
import { ProblemError } from '../../problems/problems.ts';
import { QUALITIES, RESERVED_NAMES, THINGS } from './name-words.ts';

export const NAME_PATTERN = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$';
export const NAME_FORM =
  'of the letters a to z, digits and hyphens, a letter or digit at both ends';

/** Throws an `invalid-request` problem for a name that has the form and may not be had. */
export function checkName(name: string): void {
  const allowed = 'another name';
  if (RESERVED_NAMES.has(name)) throw refuse(name, 'is reserved', allowed);
  // Punycode: names that look like others.
  if (/^..--/.test(name)) throw refuse(name, 'has hyphens where encoded names have them', allowed);
  // A handler is addressed by name or id.
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(name))
    throw refuse(name, 'has the form of an id', allowed);
}

function refuse(name: string, why: string, allowed: string): ProblemError {
  return new ProblemError(
    'invalid-request',
    `The name ${name} ${why}. Choose another, or leave it out: one is made up.`,
    {
      errors: [{ field: 'body/name', found: 'a name that cannot be had', allowed }],
    },
  );
}

export function nameTaken(name: string): ProblemError {
  return new ProblemError(
    'name-taken',
    `A handler is called ${name} already. Choose another name, or leave it out: one is made up.`,
  );
}

/** Such as `brave-otter-417`. */
export function makeUpName(): string {
  return `${pick(QUALITIES)}-${pick(THINGS)}-${randomInt(100, 1000)}`;
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? 'plain';
}
