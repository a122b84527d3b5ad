import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { take, type ApiHandler } from '../../client/index.ts';
import { api } from '../api.ts';
import { Button } from '../components/controls/button.tsx';
import { ConfirmDialog } from '../components/controls/dialog.tsx';
import { Problem } from '../components/resource.tsx';
import { showToast } from '../components/toast.tsx';
import { useAction } from '../components/hooks/use-action.ts';
import { useKeptFor } from '../handlers/kept-for.ts';

export function DeleteHandler({ handler }: { readonly handler: ApiHandler }) {
  const { route } = useLocation();
  const [isAsking, setAsking] = useState(false);
  const keptFor = useKeptFor();
  return (
    <section class="section" aria-labelledby="delete">
      <h2 id="delete">Delete</h2>
      <p class="muted">
        The handler stops accepting calls, and its name becomes available. It can be restored
        {keptFor}, with its versions, policy and configuration.
      </p>
      <div class="actions settings-action">
        <Button kind="danger" onClick={() => setAsking(true)}>
          Delete handler
        </Button>
      </div>
      <ConfirmDialog
        title={`Delete ${handler.name}?`}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        action="Delete handler"
        isDanger
        onConfirm={async () => {
          await take(
            api.DELETE('/api/handlers/{handler}', { params: { path: { handler: handler.id } } }),
          );
          route('/panel/handlers');
          showToast(`${handler.name} is deleted.`, {
            async undo() {
              const { name } = await restore(handler.id);
              route(`/panel/handlers/${encodeURIComponent(name)}/settings`);
            },
          });
        }}
      >
        <p>
          Callers will get a 404. You can restore the handler{keptFor}, as long as no other handler
          has taken its name.
        </p>
      </ConfirmDialog>
    </section>
  );
}

/** Shown instead of the settings of a deleted handler. */
export function RestoreHandler({
  handler,
  onRestored,
}: {
  readonly handler: ApiHandler;
  readonly onRestored: (handler: ApiHandler) => void;
}) {
  const { route } = useLocation();
  const restoring = useAction(async () => {
    const restored = await restore(handler.id);
    onRestored(restored);
    showToast(`${restored.name} is restored.`);
    route(`/panel/handlers/${encodeURIComponent(restored.name)}/settings`, true);
  });
  return (
    <section aria-labelledby="restore">
      <h2 id="restore">This handler is deleted</h2>
      <p class="muted">Restoring it brings back its versions, policy and configuration.</p>
      {restoring.error === undefined ? null : <Problem error={restoring.error} />}
      <div class="actions settings-action">
        <Button kind="primary" isBusy={restoring.isBusy} onClick={restoring.run}>
          Restore handler
        </Button>
      </div>
    </section>
  );
}

function restore(id: string): Promise<ApiHandler> {
  return take(api.POST('/api/handlers/{handler}/restore', { params: { path: { handler: id } } }));
}
