import { useState } from 'preact/hooks';
import { take, type ApiHandler } from '../../../../client/index.ts';
import { api } from '../../../api.ts';
import { Button } from '../../../components/controls/button.tsx';
import { ConfirmDialog } from '../../../components/controls/dialog.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Resource, useResource } from '../../../components/resource.tsx';
import { Table } from '../../../components/table.tsx';
import { Time } from '../../../components/text/time.tsx';
import { showToast } from '../../../components/toast.tsx';
import { SetValues } from '../../../configuration/set-values.tsx';
import { HandlerFrame } from '../../../layout/handler-frame.tsx';
import type { PageProps } from '../../../pages.ts';

export function title({ params }: PageProps): string {
  return `Configuration of ${params['handler']}`;
}

export function Page({ params }: PageProps) {
  return (
    <HandlerFrame handler={params['handler'] ?? ''} page="Configuration">
      {(handler) => <Configuration handler={handler} />}
    </HandlerFrame>
  );
}

function Configuration({ handler }: { readonly handler: ApiHandler }) {
  const path = { handler: handler.id };
  const loading = useResource(
    (signal) => take(api.GET('/api/handlers/{handler}/config', { params: { path }, signal })),
    [handler.id],
  );
  const [unset, setUnset] = useState<string>();
  return (
    <>
      <p class="muted">
        The handler reads these values from its environment. Values are encrypted and cannot be
        displayed again. Changes apply from the next run.
      </p>
      <section class="section" aria-labelledby="keys">
        <h2 id="keys">Keys</h2>
        <Resource
          of={loading}
          isEmpty={({ keys }) => keys.length === 0}
          empty={
            <Empty title="No configuration yet">
              Use configuration for addresses, secrets and switches that should not be in the code.
              The handler reads the key <code>GREETING</code> as an environment variable of that
              name.
            </Empty>
          }
        >
          {({ keys }) => (
            <Table
              caption={`Keys of ${handler.name}`}
              rows={keys}
              keyOf={({ key }) => key}
              columns={[
                { head: 'Key', isName: true, cell: ({ key }) => <code>{key}</code> },
                { head: 'Updated', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
                { head: 'Updated by', isWide: true, cell: ({ setBy }) => <bdi>{setBy}</bdi> },
                {
                  head: <span class="sr-only">Actions</span>,
                  isTight: true,
                  cell: ({ key }) => (
                    <Button kind="danger" label={`Unset ${key}`} onClick={() => setUnset(key)}>
                      Unset
                    </Button>
                  ),
                },
              ]}
            />
          )}
        </Resource>
      </section>
      {handler.deletedAt === null ? (
        <SetValues
          handler={handler}
          knownKeys={loading.value?.keys.map(({ key }) => key) ?? []}
          onSet={loading.replace}
        />
      ) : null}
      <ConfirmDialog
        title={`Unset ${unset ?? ''}?`}
        isOpen={unset !== undefined}
        onClose={() => setUnset(undefined)}
        action="Unset"
        isDanger
        onConfirm={async () => {
          if (unset === undefined) return;
          await take(
            api.DELETE('/api/handlers/{handler}/config/{key}', {
              params: { path: { ...path, key: unset } },
            }),
          );
          showToast(`${unset} is unset.`);
          loading.reload();
        }}
      >
        <p>
          The key is removed from the handler’s environment from the next run. Its value is deleted
          and cannot be recovered.
        </p>
      </ConfirmDialog>
    </>
  );
}
