import { useState } from 'preact/hooks';
import { take, type ApiHandler, type ApiVersion } from '../../../../client/index.ts';
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
  readonly handler: ApiHandler;
  readonly loading: Loading<ApiHandler>;
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
  const [toActivate, setToActivate] = useState<ApiVersion>();
  const [toDelete, setToDelete] = useState<ApiVersion>();
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
        <Empty title="No versions yet" actions={upload}>
          Each upload creates a version, which is kept until you delete it. You can activate any
          version, so rolling back takes one click.
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
            onActivate={setToActivate}
            onDelete={setToDelete}
          />
          <Compare handler={handler} versions={items} query={query} />
          <ActivationList handler={handler} />
          <ConfirmDialog
            title={titleOf(toActivate, handler)}
            isOpen={toActivate !== undefined}
            onClose={() => setToActivate(undefined)}
            action={isOlder(toActivate, handler) ? 'Roll back' : 'Activate'}
            onConfirm={async () => {
              if (toActivate === undefined) return;
              const { number } = toActivate;
              const before = handler.activeVersion;
              await activate(number);
              showToast(
                `Version ${number} of ${handler.name} is now active.`,
                before === null || before === number ? {} : { undo: () => activate(before) },
              );
            }}
          >
            <p>
              {handler.activeVersion === null
                ? 'The handler uses it from the next call on.'
                : `It replaces version ${handler.activeVersion} from the next call on. Running calls finish with the old version. You can undo this at any time.`}
            </p>
          </ConfirmDialog>
          <ConfirmDialog
            title={`Delete version ${toDelete?.number ?? ''}?`}
            isOpen={toDelete !== undefined}
            onClose={() => setToDelete(undefined)}
            action="Delete version"
            isDanger
            onConfirm={async () => {
              if (toDelete === undefined) return;
              const { number: version } = toDelete;
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
              This frees storage for other modules and cannot be undone. The version’s executions
              are kept, and its number is not used again.
            </p>
          </ConfirmDialog>
        </>
      )}
    </Resource>
  );
}

function titleOf(toActivate: ApiVersion | undefined, handler: ApiHandler): string {
  const verb = isOlder(toActivate, handler) ? 'Roll back to' : 'Activate';
  return `${verb} version ${toActivate?.number ?? ''}?`;
}

function isOlder(version: ApiVersion | undefined, handler: ApiHandler): boolean {
  return version !== undefined && version.number < (handler.activeVersion ?? 0);
}
