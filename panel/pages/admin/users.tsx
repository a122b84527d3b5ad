import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { take, type ApiUser } from '../../../client/index.ts';
import { AdminFrame } from '../../admin/admin-frame.tsx';
import { LockDialog } from '../../admin/lock-dialog.tsx';
import { TierDialog } from '../../admin/tier-dialog.tsx';
import { UserTable } from '../../admin/user-table.tsx';
import { api } from '../../api.ts';
import { Button } from '../../components/controls/button.tsx';
import { Empty } from '../../components/empty.tsx';
import { SelectField, TextField } from '../../components/controls/field.tsx';
import { CURSOR, Pager, withQuery } from '../../components/controls/pager.tsx';
import { Resource, useResource } from '../../components/resource.tsx';
import type { PageProps } from '../../pages.ts';

export const title = 'Users';

export function Page({ query }: PageProps) {
  return (
    <AdminFrame page="Users">
      <Users query={query} />
    </AdminFrame>
  );
}

/** `all`, `locked`, or the number of a tier. */
const KIND = /^(?:all|locked|\d{1,3})$/;

function Users({ query }: { readonly query: PageProps['query'] }) {
  const cursor = query[CURSOR];
  const search = query['search'] ?? '';
  const kind = KIND.exec(query['kind'] ?? '')?.[0] ?? 'all';
  const users = useResource(
    (signal) =>
      take(
        api.GET('/api/users', {
          params: {
            query: {
              ...(cursor === undefined ? {} : { cursor }),
              ...(search === '' ? {} : { search }),
              ...(kind === 'locked'
                ? { locked: true }
                : kind === 'all'
                  ? {}
                  : { tier: Number(kind) }),
            },
          },
          signal,
        }),
      ),
    [cursor, search, kind],
  );
  const [retiered, setRetiered] = useState<ApiUser>();
  const [locked, setLocked] = useState<ApiUser>();
  return (
    <>
      <UserFilter search={search} kind={kind} />
      <Resource
        of={users}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Empty title="No users found">
            <p>Users are listed after their first sign-in. Shorten the search or clear it.</p>
          </Empty>
        }
      >
        {({ items, next }) => (
          <>
            <UserTable users={items} onTier={setRetiered} onLock={setLocked} />
            <Pager next={next} />
          </>
        )}
      </Resource>
      <TierDialog user={retiered} onClose={() => setRetiered(undefined)} onDone={users.reload} />
      <LockDialog user={locked} onClose={() => setLocked(undefined)} onDone={users.reload} />
    </>
  );
}

function UserFilter({ search, kind }: { readonly search: string; readonly kind: string }) {
  const { url, route } = useLocation();
  const [typed, setTyped] = useState(search);
  const { value } = useResource((signal) => take(api.GET('/api/tiers', { signal })));
  const kinds = [
    ['all', 'All users'],
    ...(value?.tiers ?? []).map(({ tier }) => [String(tier), `Tier ${tier}`] as const),
    ['locked', 'Locked'],
  ] as const;
  const go = (changes: Record<string, string | undefined>): void =>
    route(withQuery(url, { ...changes, [CURSOR]: undefined }));
  return (
    <form
      class="field-row filter"
      role="search"
      aria-label="Users"
      onSubmit={(event) => {
        event.preventDefault();
        go({ search: typed });
      }}
    >
      <TextField label="Name contains" value={typed} onInput={setTyped} maxLength={100} />
      <SelectField
        label="Show"
        value={kind}
        choices={kinds}
        onChoose={(chosen) => go({ search: typed, kind: chosen === 'all' ? undefined : chosen })}
      />
      <Button type="submit">Search</Button>
    </form>
  );
}
