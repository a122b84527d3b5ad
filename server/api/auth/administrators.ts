/** Administrators: the users that `ADMINS` lists, by user name, or by `sub:` and the issuer's subject. */
import type { Queryable } from '../../db/connection/database.ts';
import { demoteAllBut } from '../../db/accounts/users.ts';
import type { Identity } from './sign-in.ts';

const SUBJECT = 'sub:';

/** User names are never compared to subjects, because with some issuers users can choose their name. */
export function isAdministrator(
  admins: readonly string[],
  { username, subject }: Pick<Identity, 'username' | 'subject'>,
): boolean {
  const { usernames, subjects } = partsOf(admins);
  return usernames.includes(username) || subjects.includes(subject);
}

/** Removes the administrator right of users that are no longer in the list. Returns their user names. */
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
