import { take, type ApiUser } from '../../client/index.ts';
import { api } from '../api.ts';

export interface UserPatch {
  readonly tier?: number;
  readonly locked?: boolean;
  /** Shown to the user who is locked. */
  readonly reason?: string;
}

export function changeUser(user: ApiUser, body: UserPatch): Promise<ApiUser> {
  return take(api.PATCH('/api/users/{user}', { params: { path: { user: user.id } }, body }));
}
