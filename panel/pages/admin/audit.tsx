import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { take, type ApiAuditEvent } from '../../../client/index.ts';
import { AdminFrame } from '../../admin/admin-frame.tsx';
import { api } from '../../api.ts';
import { Button } from '../../components/controls/button.tsx';
import { Empty } from '../../components/empty.tsx';
import { TextField } from '../../components/controls/field.tsx';
import { GuestText } from '../../components/text/guest-text.tsx';
import { CURSOR, Pager, withQuery } from '../../components/controls/pager.tsx';
import { Resource, useResource } from '../../components/resource.tsx';
import { Table } from '../../components/table.tsx';
import { Time } from '../../components/text/time.tsx';
import type { PageProps } from '../../pages.ts';

export const title = 'Audit log';

export function Page({ query }: PageProps) {
  return (
    <AdminFrame page="Audit log">
      <Audit query={query} />
    </AdminFrame>
  );
}

function Audit({ query }: { readonly query: PageProps['query'] }) {
  const cursor = query[CURSOR];
  const action = query['action'];
  const actor = query['actor'];
  const events = useResource(
    (signal) =>
      take(
        api.GET('/api/admin/audit', {
          params: {
            query: {
              ...(cursor === undefined ? {} : { cursor }),
              ...(action === undefined ? {} : { action }),
              ...(actor === undefined ? {} : { actor }),
            },
          },
          signal,
        }),
      ),
    [cursor, action, actor],
  );
  return (
    <>
      <AuditFilter action={action ?? ''} actor={actor} />
      <Resource
        of={events}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Empty title="No events found">
            <p>
              All changes are recorded here with user, action, time and address. Clear the filter to
              show all events.
            </p>
          </Empty>
        }
      >
        {({ items, next }) => (
          <>
            <AuditTable events={items} />
            <Pager next={next} />
          </>
        )}
      </Resource>
    </>
  );
}

function AuditFilter({
  action,
  actor,
}: {
  readonly action: string;
  readonly actor: string | undefined;
}) {
  const { url, route } = useLocation();
  const [typed, setTyped] = useState(action);
  return (
    <form
      class="field-row filter"
      role="search"
      aria-label="Audit log"
      onSubmit={(event) => {
        event.preventDefault();
        route(withQuery(url, { action: typed, [CURSOR]: undefined }));
      }}
    >
      <TextField
        label="Action"
        value={typed}
        onInput={setTyped}
        isCode
        maxLength={40}
        placeholder="handler.create"
      />
      <Button type="submit">Show</Button>
      {actor === undefined ? null : (
        <a href={withQuery(url, { actor: undefined, [CURSOR]: undefined })}>All users</a>
      )}
    </form>
  );
}

function AuditTable({ events }: { readonly events: readonly ApiAuditEvent[] }) {
  const { url } = useLocation();
  return (
    <Table
      caption="Audit events, newest first"
      rows={events}
      keyOf={({ id }) => id}
      columns={[
        { head: 'Time', isTight: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
        {
          head: 'User',
          isName: true,
          isTight: true,
          cell: ({ actor, actorId, tokenId }) => (
            <>
              <a
                href={withQuery(url, { actor: actorId, [CURSOR]: undefined })}
                aria-label={`What ${actor} changed`}
              >
                <GuestText text={actor} />
              </a>
              {tokenId === null ? null : <span class="muted"> by a token</span>}
            </>
          ),
        },
        { head: 'Action', isTight: true, cell: ({ action }) => <code>{action}</code> },
        { head: 'Target', isWide: true, cell: ({ target }) => <Target target={target} /> },
        {
          head: 'Address',
          isWide: true,
          isTight: true,
          cell: ({ address }) => <code>{address}</code>,
        },
      ]}
    />
  );
}

/** Shows the parts of an event's target with their names. Ids and digests are abbreviated. */
function Target({ target }: { readonly target: ApiAuditEvent['target'] }) {
  return (
    <span class="target-parts">
      {Object.entries(target).map(([name, value]) => {
        if (value === null || value === undefined) return null;
        const whole = toText(value);
        const shown = MACHINE_TEXT.test(whole) ? `${whole.slice(0, 8)}…` : whole;
        return (
          <span key={name} title={whole}>
            <span class="muted">{name}</span> <GuestText text={shown} />
          </span>
        );
      })}
    </span>
  );
}

/** Ids and digests. */
const MACHINE_TEXT = /^[0-9a-f-]{32,}$/;

function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(toText).join(', ') : JSON.stringify(value);
}
