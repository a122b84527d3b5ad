import { take } from '../../client/index.ts';
import { api } from '../api.ts';
import { LinkButton } from '../components/controls/button.tsx';
import { Empty } from '../components/empty.tsx';
import { Resource, useResource } from '../components/resource.tsx';
import { useRefresh } from '../components/hooks/use-refresh.ts';
import { ExecutionTable } from '../executions/list/execution-table.tsx';
import { NoHandlersYet } from '../handlers/teach.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import { REFRESH_MS, StatisticsView } from '../statistics/statistics.tsx';
import '../executions/executions.css';

export const title = 'Overview';

const LATEST = 8;

export function Page() {
  const loading = useResource((signal) =>
    take(api.GET('/api/handlers', { params: { query: { limit: 1 } }, signal })),
  );
  return (
    <>
      <PageHeading title="Overview" />
      <Resource
        of={loading}
        lines={8}
        isEmpty={({ items }) => items.length === 0}
        empty={<NoHandlersYet />}
      >
        {() => (
          <>
            <StatisticsView />
            <LatestExecutions />
          </>
        )}
      </Resource>
    </>
  );
}

function LatestExecutions() {
  const loading = useResource((signal) =>
    take(api.GET('/api/executions', { params: { query: { limit: LATEST } }, signal })),
  );
  useRefresh(loading, REFRESH_MS);
  return (
    <section class="section">
      <h2>Latest executions</h2>
      <Resource
        of={loading}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Empty
            title="No executions yet"
            actions={<LinkButton href="/panel/handlers">Choose a handler to call</LinkButton>}
          >
            Call one of your handlers. Its page has a curl command and a form to try it.
          </Empty>
        }
      >
        {({ items }) => (
          <ExecutionTable
            caption="Latest executions of all handlers"
            executions={items}
            hasHandlers
          />
        )}
      </Resource>
    </section>
  );
}
