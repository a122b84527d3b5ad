import { useState } from 'preact/hooks';
import { take, type Handler, type Version } from '../../../../client/index.ts';
import { api } from '../../../api.ts';
import { LinkButton } from '../../../components/controls/button.tsx';
import { ConfirmDialog } from '../../../components/controls/dialog.tsx';
import { Empty } from '../../../components/empty.tsx';
import type { Loading } from '../../../components/resource.tsx';
import { Resource, useResource } from '../../../components/resource.tsx';
import { showToast } from '../../../components/toast.tsx';
import { HandlerFrame } from '../../../layout/handler-frame.tsx';
import type { PageProps } from '../../../pages.ts';
import { ActivationList } from '../../../versions/activation-list.tsx';
import { Compare } from '../../../versions/compare.tsx';
import { VersionTable } from '../../../versions/version-table.tsx';
import '../../../versions/versions.css';

export function title({ params }: PageProps): string {
  return `Versions of ${params['handler']}`;
}

export function Page({ params, query }: PageProps) {
  return (
    <HandlerFrame handler={params['handler'] ?? ''} page="Versions">
      {(handler, loading) => <Versions handler={handler} loading={loading} query={query} />}
    </HandlerFrame>
  );
}

interface VersionsProps {
  readonly handler: Handler;
  readonly loading: Loading<Handler>;
  readonly query: PageProps['query'];
}

function Versions({ handler, loading, query }: VersionsProps) {
  const cursor = Number(query['after'] ?? '') || undefined;
  const path = { handler: handler.id };
  const versions = useResource(
    (signal) =>
      take(
        api.GET('/api/handlers/{handler}/versions', {
          params: { path, query: cursor === undefined ? {} : { cursor } },
          signal,
        }),
      ),
    [handler.id, handler.activeVersion ?? 0, cursor],
  );
  const [chosen, setChosen] = useState<Version>();
  const [unwanted, setUnwanted] = useState<Version>();
  const activate = async (version: number): Promise<void> => {
    await take(
      api.POST('/api/handlers/{handler}/versions/{version}/activate', {
        params: { path: { ...path, version } },
      }),
    );
    loading.reload();
    versions.reload();
  };
  const upload = (
    <LinkButton href={`/panel/deploy?handler=${encodeURIComponent(handler.name)}`} kind="primary">
      Upload a version
    </LinkButton>
  );
  return (
    <Resource
      of={versions}
      isEmpty={({ items }) => items.length === 0}
      empty={
        <Empty title="There is no version yet" actions={upload}>
          A version is a module that was uploaded. Each stays until you delete it, and any of them
          can be the one that answers: going back is one click.
        </Empty>
      }
    >
      {({ items, next }) => (
        <>
          <VersionTable
            handler={handler}
            versions={items}
            next={next}
            actions={handler.deletedAt === null ? upload : null}
            onActivate={setChosen}
            onDelete={setUnwanted}
          />
          <Compare handler={handler} versions={items} query={query} />
          <ActivationList handler={handler} />
          <ConfirmDialog
            title={
              chosen === undefined ? 'Make it answer?' : `Let version ${chosen.number} answer?`
            }
            isOpen={chosen !== undefined}
            onClose={() => setChosen(undefined)}
            action={isOlder(chosen, handler) ? 'Roll back' : 'Make it answer'}
            onConfirm={async () => {
              if (chosen === undefined) return;
              const before = handler.activeVersion;
              await activate(chosen.number);
              showToast(
                `Version ${chosen.number} of ${handler.name} answers now.`,
                before === null || before === chosen.number ? {} : { undo: () => activate(before) },
              );
            }}
          >
            <p>
              {handler.activeVersion === null
                ? 'The handler answers with it from the next call on.'
                : `It takes the place of version ${handler.activeVersion} from the next call on. Calls under way end as they began. You can go back as easily.`}
            </p>
          </ConfirmDialog>
          <ConfirmDialog
            title={unwanted === undefined ? 'Delete it?' : `Delete version ${unwanted.number}?`}
            isOpen={unwanted !== undefined}
            onClose={() => setUnwanted(undefined)}
            action="Delete it"
            isDanger
            onConfirm={async () => {
              if (unwanted === undefined) return;
              const { number: version } = unwanted;
              await take(
                api.DELETE('/api/handlers/{handler}/versions/{version}', {
                  params: { path: { ...path, version } },
                }),
              );
              showToast(`Version ${version} of ${handler.name} is deleted.`);
              versions.reload();
            }}
          >
            <p>
              It makes room for other modules, and cannot be taken back. What it ran stays on
              record, and its number is not used again.
            </p>
          </ConfirmDialog>
        </>
      )}
    </Resource>
  );
}

function isOlder(version: Version | undefined, handler: Handler): boolean {
  return version !== undefined && version.number < (handler.activeVersion ?? 0);
}
