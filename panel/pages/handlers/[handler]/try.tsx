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
            <Empty title="A deleted handler answers nobody">
              <p>Restore it among its settings, and try again.</p>
            </Empty>
          );
        }
        return handler.activeVersion === null ? (
          <Empty
            title="It has no version that answers"
            actions={
              <LinkButton
                href={`/panel/deploy?handler=${encodeURIComponent(handler.name)}`}
                kind="primary"
              >
                Upload a module
              </LinkButton>
            }
          >
            <p>Once a module is uploaded, it can be called from here, and by anyone.</p>
          </Empty>
        ) : (
          <TryForm handler={handler} />
        );
      }}
    </HandlerFrame>
  );
}
