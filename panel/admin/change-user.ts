import { take, type User } from '../../client/index.ts';
import { api } from '../api.ts';

export interface UserChange {
  readonly tier?: number;
  readonly locked?: boolean;
  /** Shown to the user who is locked. */
  readonly reason?: string;
}

export function changeUser(user: User, body: UserChange): Promise<User> {
  return take(api.PATCH('/api/users/{user}', { params: { path: { user: user.id } }, body }));
}
