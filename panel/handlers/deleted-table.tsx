import { useState } from 'preact/hooks';
import { take, type ApiHandler } from '../../client/index.ts';
import { api } from '../api.ts';
import { Button } from '../components/controls/button.tsx';
import { asError } from '../components/resource.tsx';
import { Table } from '../components/table.tsx';
import { Time } from '../components/text/time.tsx';
import { showToast } from '../components/toast.tsx';

export interface DeletedTableProps {
  readonly handlers: readonly ApiHandler[];
  readonly onRestore: () => void;
}

/** Deleted handlers, with buttons to restore them. */
export function DeletedTable({ handlers, onRestore }: DeletedTableProps) {
  const [busyId, setBusyId] = useState<string>();
  const restore = async ({ id, name }: ApiHandler): Promise<void> => {
    setBusyId(id);
    try {
      await take(
        api.POST('/api/handlers/{handler}/restore', { params: { path: { handler: id } } }),
      );
      showToast(`${name} is restored.`);
      onRestore();
    } catch (error) {
      showToast(asError(error).message);
    } finally {
      setBusyId(undefined);
    }
  };
  return (
    <Table
      caption="Deleted handlers"
      rows={handlers}
      keyOf={({ id }) => id}
      columns={[
        {
          head: 'Name',
          isName: true,
          cell: ({ id, name }) => <a href={`/panel/handlers/${id}`}>{name}</a>,
        },
        {
          head: 'Deleted',
          cell: ({ deletedAt }) => (deletedAt === null ? '–' : <Time at={deletedAt} />),
        },
        {
          head: <span class="sr-only">Restore</span>,
          isTight: true,
          cell: (handler) => (
            <Button
              isBusy={busyId === handler.id}
              label={`Restore ${handler.name}`}
              onClick={() => void restore(handler)}
            >
              Restore
            </Button>
          ),
        },
      ]}
    />
  );
}
