import { take, type ApiExecutionDetail } from '../../client/index.ts';
import { api } from '../api.ts';
import { Resource, useResource } from '../components/resource.tsx';
import { Table } from '../components/table.tsx';
import { Time } from '../components/text/time.tsx';
import { StatusBadge } from './status-badge.tsx';

/** Lists all attempts of the call that an execution belongs to. Shown if the call can have more than one. */
export function Attempts({ execution }: { readonly execution: ApiExecutionDetail }) {
  const { id, callId } = execution;
  const loading = useResource(
    (signal) => take(api.GET('/api/executions', { params: { query: { call: callId } }, signal })),
    [callId],
  );
  return (
    <section class="section">
      <h2>Attempts</h2>
      <Resource of={loading} lines={2}>
        {({ items }) => (
          <Table
            caption="Attempts of the same call, newest first"
            rows={items}
            keyOf={(each) => each.id}
            columns={[
              {
                head: 'Attempt',
                isName: true,
                cell: (each) =>
                  each.id === id ? (
                    `${each.attempt} (this one)`
                  ) : (
                    <a href={`/panel/executions/${each.id}`}>{each.attempt}</a>
                  ),
              },
              {
                head: 'Status',
                cell: ({ status, httpStatus }) => (
                  <StatusBadge status={status} httpStatus={httpStatus} />
                ),
              },
              { head: 'HTTP', isNumber: true, cell: ({ httpStatus }) => httpStatus ?? '–' },
              { head: 'Started', isNumber: true, cell: ({ startedAt }) => <Time at={startedAt} /> },
            ]}
          />
        )}
      </Resource>
    </section>
  );
}
