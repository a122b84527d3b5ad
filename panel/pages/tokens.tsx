import { useState } from 'preact/hooks';
import { take, type ApiToken } from '../../client/index.ts';
import { api } from '../api.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/controls/button.tsx';
import { ConfirmDialog } from '../components/controls/dialog.tsx';
import { Empty } from '../components/empty.tsx';
import { CURSOR, Pager } from '../components/controls/pager.tsx';
import { Resource, useResource } from '../components/resource.tsx';
import { Table } from '../components/table.tsx';
import { Time } from '../components/text/time.tsx';
import { showToast } from '../components/toast.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import type { PageProps } from '../pages.ts';
import { NewToken, ShownOnce, type MadeToken } from '../tokens/new-token.tsx';
import '../tokens/tokens.css';

export const title = 'Tokens';

export function Page({ query }: PageProps) {
  const cursor = query[CURSOR];
  const tokens = useResource(
    (signal) =>
      take(
        api.GET('/api/tokens', {
          params: { query: cursor === undefined ? {} : { cursor } },
          signal,
        }),
      ),
    [cursor],
  );
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<MadeToken>();
  const [revoked, setRevoked] = useState<ApiToken>();
  const newToken = (
    <Button kind="primary" onClick={() => setMaking(true)}>
      New token
    </Button>
  );
  return (
    <>
      <PageHeading
        title="Tokens"
        lead="Access tokens for the CLI, CI and callers of private handlers."
        actions={newToken}
      />
      {made === undefined ? null : <ShownOnce made={made} onDone={() => setMade(undefined)} />}
      <Resource
        of={tokens}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Empty title="You have no tokens yet">
            A token gives a program some or all of your permissions until it expires or you revoke
            it. The CLI creates one when you run <code>trisiel login</code>.
          </Empty>
        }
      >
        {({ items, next }) => (
          <>
            <TokenTable tokens={items} onRevoke={setRevoked} />
            <Pager next={next} />
          </>
        )}
      </Resource>
      <NewToken
        isOpen={isMaking}
        onClose={() => setMaking(false)}
        onMade={(fresh) => {
          setMade(fresh);
          setMaking(false);
          tokens.reload();
        }}
      />
      <ConfirmDialog
        title="Revoke token?"
        isOpen={revoked !== undefined}
        onClose={() => setRevoked(undefined)}
        action="Revoke token"
        isDanger
        onConfirm={async () => {
          if (revoked === undefined) return;
          await take(
            api.DELETE('/api/tokens/{token}', { params: { path: { token: revoked.id } } }),
          );
          if (made?.id === revoked.id) setMade(undefined);
          showToast(`“${revoked.name}” is revoked.`);
          tokens.reload();
        }}
      >
        <p>
          <strong>
            <bdi>{revoked?.name}</bdi>
          </strong>{' '}
          will be rejected immediately. This cannot be undone; programs that use it will need a new
          token.
        </p>
      </ConfirmDialog>
    </>
  );
}

function TokenTable({
  tokens,
  onRevoke,
}: {
  readonly tokens: readonly ApiToken[];
  readonly onRevoke: (token: ApiToken) => void;
}) {
  return (
    <Table
      caption="Tokens"
      rows={tokens}
      keyOf={({ id }) => id}
      columns={[
        { head: 'Name', isName: true, cell: ({ name }) => <bdi>{name}</bdi> },
        { head: 'Scopes', isWide: true, cell: ({ scopes }) => <Scopes scopes={scopes} /> },
        {
          head: 'Last used',
          isWide: true,
          cell: ({ lastUsedAt }) =>
            lastUsedAt === null ? <span class="muted">never</span> : <Time at={lastUsedAt} />,
        },
        { head: 'Status', cell: (token) => <TokenState token={token} /> },
        {
          head: <span class="sr-only">Actions</span>,
          isTight: true,
          cell: (token) =>
            isAlive(token) ? (
              <Button kind="danger" label={`Revoke ${token.name}`} onClick={() => onRevoke(token)}>
                Revoke
              </Button>
            ) : null,
        },
      ]}
    />
  );
}

function Scopes({ scopes }: { readonly scopes: readonly string[] }) {
  return (
    <>
      {scopes.map((scope) => (
        <>
          <code key={scope}>{scope}</code>{' '}
        </>
      ))}
    </>
  );
}

function TokenState({ token }: { readonly token: ApiToken }) {
  if (token.revokedAt !== null) {
    return (
      <Badge tone="plain">
        revoked <Time at={token.revokedAt} />
      </Badge>
    );
  }
  return isAlive(token) ? (
    <Badge tone="good">
      expires <Time at={token.expiresAt} />
    </Badge>
  ) : (
    <Badge tone="plain">
      expired <Time at={token.expiresAt} />
    </Badge>
  );
}

function isAlive(token: ApiToken): boolean {
  return token.revokedAt === null && Date.parse(token.expiresAt) > Date.now();
}
