import type { ApiUser } from '../../client/index.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/controls/button.tsx';
import { GuestText } from '../components/text/guest-text.tsx';
import { Table } from '../components/table.tsx';
import { Time } from '../components/text/time.tsx';
import { useUser } from '../session.ts';

export interface UserTableProps {
  readonly users: readonly ApiUser[];
  readonly onTier: (user: ApiUser) => void;
  readonly onLock: (user: ApiUser) => void;
}

export function UserTable({ users, onTier, onLock }: UserTableProps) {
  const self = useUser();
  return (
    <Table
      caption="Users, newest first"
      rows={users}
      keyOf={({ id }) => id}
      columns={[
        {
          head: 'Name',
          isName: true,
          cell: ({ username, isAdmin }) => (
            <>
              <GuestText text={username} />{' '}
              {isAdmin ? <Badge tone="calm">administrator</Badge> : null}
            </>
          ),
        },
        { head: 'Email', isWide: true, cell: ({ email }) => <GuestText text={email ?? ''} /> },
        { head: 'Joined', isWide: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
        { head: 'Tier', isNumber: true, cell: ({ tier }) => tier },
        { head: 'Status', cell: (user) => <LockState user={user} /> },
        {
          head: <span class="sr-only">Actions</span>,
          isTight: true,
          cell: (user) => (
            <div class="actions">
              <Button label={`Change the tier of ${user.username}`} onClick={() => onTier(user)}>
                Tier
              </Button>
              {user.id === self.id ? null : (
                <Button
                  kind={user.lockedAt === null ? 'danger' : 'plain'}
                  label={`${user.lockedAt === null ? 'Lock' : 'Unlock'} ${user.username}`}
                  onClick={() => onLock(user)}
                >
                  {user.lockedAt === null ? 'Lock' : 'Unlock'}
                </Button>
              )}
            </div>
          ),
        },
      ]}
    />
  );
}

function LockState({ user }: { readonly user: ApiUser }) {
  if (user.lockedAt === null) return <Badge tone="good">active</Badge>;
  return (
    <>
      <Badge tone="bad">
        locked <Time at={user.lockedAt} />
      </Badge>
      {user.lockedReason === null || user.lockedReason === '' ? null : (
        <p class="reason">
          <GuestText text={user.lockedReason} />
        </p>
      )}
    </>
  );
}
