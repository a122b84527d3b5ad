import { TryForm } from '../../../call/try-form.tsx';
import { LinkButton } from '../../../components/controls/button.tsx';
import { Empty } from '../../../components/empty.tsx';
import { HandlerFrame } from '../../../layout/handler-frame.tsx';
import type { PageProps } from '../../../pages.ts';
import '../../../call/try.css';

export function title({ params }: PageProps): string {
  return `Try ${params['handler']}`;
}

export function Page({ params }: PageProps) {
  return (
    <HandlerFrame handler={params['handler'] ?? ''} page="Try it">
      {(handler) => {
        if (handler.deletedAt !== null) {
          return (
            <Empty title="This handler is deleted">
              <p>Restore it on the Settings tab before calling it.</p>
            </Empty>
          );
        }
        return handler.activeVersion === null ? (
          <Empty
            title="No active version"
            actions={
              <LinkButton
                href={`/panel/deploy?handler=${encodeURIComponent(handler.name)}`}
                kind="primary"
              >
                Upload a module
              </LinkButton>
            }
          >
            <p>Upload a module before calling the handler.</p>
          </Empty>
        ) : (
          <TryForm handler={handler} />
        );
      }}
    </HandlerFrame>
  );
}
