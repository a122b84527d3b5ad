/** Users, for administrators: by id, or by name. */
import { take, type Api } from '../../client/api.ts';
import type { User } from '../../client/views.ts';
import { CommandError, UsageError } from '../errors.ts';
import { facts } from '../terminal/table.ts';
import type { Text } from '../terminal/text.ts';
import { sayWhen } from '../terminal/quantities.ts';

const ID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** @param given an id, or the whole name */
export async function findUserId(api: Api, given: string): Promise<string> {
  if (ID.test(given)) return given;
  const { items } = await take(
    api.GET('/api/users', { params: { query: { search: given, limit: 100 } } }),
  );
  const [found, ...more] = items.filter(({ username }) => username === given);
  if (found === undefined) {
    throw new CommandError(`No user is called ${given}. See: trisiel admin users`, 'not-found');
  }
  if (more.length === 0) return found.id;
  throw new UsageError(
    `${more.length + 1} users are called ${given}. Name one by its id: trisiel admin users`,
  );
}

export function describeUser(user: User): Text {
  return facts([
    ['User', `${user.username}${user.isAdmin ? ' (administrator)' : ''}`],
    ['Id', user.id],
    ['Tier', user.tier],
    [
      'Locked',
      user.lockedAt === null ? 'no' : `${sayWhen(user.lockedAt)}: ${user.lockedReason ?? ''}`,
    ],
    ['Since', sayWhen(user.createdAt)],
  ]);
}
