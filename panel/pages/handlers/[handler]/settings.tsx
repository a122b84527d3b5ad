import { HandlerFrame } from '../../../layout/handler-frame.tsx';
import type { PageProps } from '../../../pages.ts';
import { DeleteHandler, RestoreHandler } from '../../../settings/delete-handler.tsx';
import { SettingsForm } from '../../../settings/settings-form.tsx';
import '../../../settings/settings.css';

export function title({ params }: PageProps): string {
  return `Settings of ${params['handler']}`;
}

export function Page({ params }: PageProps) {
  return (
    <HandlerFrame handler={params['handler'] ?? ''} page="Settings">
      {(handler, loading) =>
        handler.deletedAt === null ? (
          <>
            <SettingsForm handler={handler} onSaved={loading.replace} />
            <DeleteHandler handler={handler} />
          </>
        ) : (
          <RestoreHandler handler={handler} onRestored={loading.replace} />
        )
      }
    </HandlerFrame>
  );
}
