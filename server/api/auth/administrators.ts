/** Who administers: those whom `ADMINS` names, by user name, or as `sub:` and the issuer's subject. */
import type { Queryable } from '../../db/connection/database.ts';
import { demoteAllBut } from '../../db/accounts/users.ts';
import type { Identity } from './sign-in.ts';

const SUBJECT = 'sub:';

/** A subject is nobody's to choose; a user name is, with some issuers, and then never counts as a subject. */
export function isAdministrator(
  admins: readonly string[],
  { username, subject }: Pick<Identity, 'username' | 'subject'>,
): boolean {
  const { usernames, subjects } = partsOf(admins);
  return usernames.includes(username) || subjects.includes(subject);
}

/** Whoever was taken out of the list administers no more, though still signed in. Returns the user names. */
export function demoteOthers(db: Queryable, admins: readonly string[]): Promise<string[]> {
  return demoteAllBut(db, partsOf(admins));
}

function partsOf(admins: readonly string[]): { usernames: string[]; subjects: string[] } {
  return {
    usernames: admins.filter((each) => !each.startsWith(SUBJECT)),
    subjects: admins
      .filter((each) => each.startsWith(SUBJECT))
      .map((each) => each.slice(SUBJECT.length)),
  };
}
