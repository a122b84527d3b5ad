import { take, type Activation, type Handler } from '../../client/index.ts';
import { api } from '../api.ts';
import { Resource, useResource } from '../components/resource.tsx';
import { Table } from '../components/table.tsx';
import { Time } from '../components/text/time.tsx';

const SHOWN = 20;

/** Which version answered from when on, and who said so. */
export function ActivationList({ handler }: { readonly handler: Handler }) {
  const activations = useResource(
    (signal) =>
      take(
        api.GET('/api/handlers/{handler}/activations', {
          params: { path: { handler: handler.id }, query: { limit: SHOWN } },
          signal,
        }),
      ),
    [handler.id, handler.activeVersion ?? 0, handler.updatedAt],
  );
  return (
    <section class="section" aria-labelledby="activations">
      <h2 id="activations">What answered when</h2>
      <Resource
        of={activations}
        isEmpty={({ items }) => items.length === 0}
        empty={<p class="muted">No version has answered yet.</p>}
      >
        {({ items }) => (
          <Table<Activation>
            caption="Which version answered from when on, the newest first"
            rows={items}
            keyOf={({ id }) => id}
            columns={[
              { head: 'Version', isName: true, cell: ({ version }) => version },
              { head: 'From', cell: ({ createdAt }) => <Time at={createdAt} /> },
              { head: 'By', cell: ({ activatedBy }) => <bdi>{activatedBy}</bdi> },
            ]}
          />
        )}
      </Resource>
    </section>
  );
}
