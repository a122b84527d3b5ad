/** Finds and describes users for administrators. */
import { take, type Api } from '../../client/api.ts';
import type { ApiUser } from '../../client/views.ts';
import { CommandError, UsageError } from '../errors.ts';
import { facts } from '../terminal/table.ts';
import type { Text } from '../terminal/text.ts';
import { formatRelativeTime } from '../terminal/quantities.ts';

const ID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** @param idOrName an id, or the complete name */
export async function findUserId(api: Api, idOrName: string): Promise<string> {
  if (ID.test(idOrName)) return idOrName;
  const { items } = await take(
    api.GET('/api/users', { params: { query: { search: idOrName, limit: 100 } } }),
  );
  const [found, ...more] = items.filter(({ username }) => username === idOrName);
  if (found === undefined) {
    throw new CommandError(`No user is called ${idOrName}. See: trisiel admin users`, 'not-found');
  }
  if (more.length === 0) return found.id;
  throw new UsageError(
    `${more.length + 1} users are called ${idOrName}. Name one by its id: trisiel admin users`,
  );
}

export function describeUser(user: ApiUser): Text {
  return facts([
    ['User', `${user.username}${user.isAdmin ? ' (administrator)' : ''}`],
    ['Id', user.id],
    ['Tier', user.tier],
    [
      'Locked',
      user.lockedAt === null
        ? 'no'
        : `${formatRelativeTime(user.lockedAt)}: ${user.lockedReason ?? ''}`,
    ],
    ['Since', formatRelativeTime(user.createdAt)],
  ]);
}
