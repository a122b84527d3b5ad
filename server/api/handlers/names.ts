/** Handler names. They are DNS labels, because `NAME.run.trisiel.dev` is a host. */
import { randomInt } from 'node:crypto';
import { ProblemError } from '../../problems/problems.ts';
import { QUALITIES, RESERVED_NAMES, THINGS } from './name-words.ts';

export const NAME_PATTERN = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$';
export const NAME_FORM =
  'of the letters a to z, digits and hyphens, a letter or digit at both ends';

/** Throws an `invalid-request` problem for a well-formed name that is not available to users. */
export function checkName(name: string): void {
  const allowed = 'another name';
  if (RESERVED_NAMES.has(name)) throw refuse(name, 'is reserved', allowed);
  // Punycode names can look like other names.
  if (/^..--/.test(name)) throw refuse(name, 'has the form of an encoded name', allowed);
  // Handlers are addressed by name or ID, so a name must not look like an ID.
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(name))
    throw refuse(name, 'has the form of an id', allowed);
}

function refuse(name: string, why: string, allowed: string): ProblemError {
  return new ProblemError(
    'invalid-request',
    `The name ${name} ${why}. Choose another, or omit it to have one generated.`,
    {
      errors: [{ field: 'body/name', found: 'a name that is not available', allowed }],
    },
  );
}

export function nameTaken(name: string): ProblemError {
  return new ProblemError(
    'name-taken',
    `The name ${name} is taken. Choose another, or omit it to have one generated.`,
  );
}

/** Returns a random name such as `brave-otter-417`. It may be taken. */
export function generateName(): string {
  return `${pick(QUALITIES)}-${pick(THINGS)}-${randomInt(100, 1000)}`;
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? 'plain';
}
