import { take } from '../../../client/index.ts';
import { api } from '../../api.ts';
import { LinkButton } from '../../components/controls/button.tsx';
import { Empty } from '../../components/empty.tsx';
import { Icon } from '../../components/icon.tsx';
import { CURSOR, Pager } from '../../components/controls/pager.tsx';
import { Resource, useResource } from '../../components/resource.tsx';
import { DeletedTable } from '../../handlers/deleted-table.tsx';
import { HandlerTable } from '../../handlers/handler-table.tsx';
import { useKeptFor } from '../../handlers/kept-for.ts';
import { NoHandlersYet } from '../../handlers/teach.tsx';
import { PageHeading } from '../../layout/page-heading.tsx';
import type { PageProps } from '../../pages.ts';
import { useUser } from '../../session.ts';
import '../../handlers/handlers.css';

export const title = ({ query }: PageProps): string =>
  isOfDeleted(query) ? 'Deleted handlers' : 'Handlers';

function isOfDeleted(query: PageProps['query']): boolean {
  return query['deleted'] === 'yes';
}

export function Page({ query }: PageProps) {
  const deleted = isOfDeleted(query);
  const cursor = query[CURSOR];
  const { tier } = useUser();
  const keptFor = useKeptFor();
  const apiQuery = { deleted, ...(cursor === undefined ? {} : { cursor }) };
  const loading = useResource(
    (signal) => take(api.GET('/api/handlers', { params: { query: apiQuery }, signal })),
    [deleted, cursor],
  );
  return (
    <>
      <PageHeading
        title={deleted ? 'Deleted handlers' : 'Handlers'}
        lead={
          deleted
            ? `Deleted handlers can be restored${keptFor}, with their versions, policy and configuration.`
            : undefined
        }
        actions={
          <>
            {deleted ? (
              <LinkButton href="/panel/handlers">Active handlers</LinkButton>
            ) : (
              <LinkButton href="/panel/handlers?deleted=yes" kind="quiet">
                Deleted
              </LinkButton>
            )}
            {tier > 0 && !deleted ? (
              <LinkButton href="/panel/deploy" kind="primary">
                <Icon name="plus" /> Deploy
              </LinkButton>
            ) : null}
          </>
        }
      />
      <Resource
        of={loading}
        isEmpty={({ items }) => items.length === 0}
        empty={deleted ? <NoneDeleted /> : <NoHandlersYet />}
      >
        {({ items, next }) => (
          <>
            {deleted ? (
              <DeletedTable handlers={items} onRestore={loading.reload} />
            ) : (
              <HandlerTable handlers={items} />
            )}
            <Pager next={next} />
          </>
        )}
      </Resource>
    </>
  );
}

function NoneDeleted() {
  return (
    <Empty title="No deleted handlers">
      Handlers that you delete are listed here and can be restored.
    </Empty>
  );
}
