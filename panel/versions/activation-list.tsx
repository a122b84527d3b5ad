import { take, type ApiActivation, type ApiHandler } from '../../client/index.ts';
import { api } from '../api.ts';
import { Resource, useResource } from '../components/resource.tsx';
import { Table } from '../components/table.tsx';
import { Time } from '../components/text/time.tsx';

const SHOWN = 20;

/** Lists the activations of a handler: version, time and user. */
export function ActivationList({ handler }: { readonly handler: ApiHandler }) {
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
      <h2 id="activations">Activation history</h2>
      <Resource
        of={activations}
        isEmpty={({ items }) => items.length === 0}
        empty={<p class="muted">No version has been active yet.</p>}
      >
        {({ items }) => (
          <Table<ApiActivation>
            caption="Activations, newest first"
            rows={items}
            keyOf={({ id }) => id}
            columns={[
              { head: 'Version', isName: true, cell: ({ version }) => version },
              { head: 'Activated', cell: ({ createdAt }) => <Time at={createdAt} /> },
              { head: 'Activated by', cell: ({ activatedBy }) => <bdi>{activatedBy}</bdi> },
            ]}
          />
        )}
      </Resource>
    </section>
  );
}
