import type { ComponentChildren } from 'preact';
import type { ApiHandler, ApiVersion } from '../../client/index.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/controls/button.tsx';
import { formatBytes } from '../../olin/quantities.ts';
import { GuestText } from '../components/text/guest-text.tsx';
import { Pager } from '../components/controls/pager.tsx';
import { QuarantineNotes, StandingBadge } from './standing-badge.tsx';
import { Table } from '../components/table.tsx';
import { Time } from '../components/text/time.tsx';

export interface VersionTableProps {
  readonly handler: ApiHandler;
  readonly versions: readonly ApiVersion[];
  readonly next: string | null;
  readonly actions: ComponentChildren;
  readonly onActivate: (version: ApiVersion) => void;
  readonly onDelete: (version: ApiVersion) => void;
}

export function VersionTable(props: VersionTableProps) {
  const { handler, versions, next, actions, onActivate, onDelete } = props;
  return (
    <section aria-labelledby="versions">
      <div class="section-head">
        <h2 id="versions">Versions</h2>
        <div class="actions">{actions}</div>
      </div>
      <Table
        caption={`Versions of ${handler.name}`}
        rows={versions}
        keyOf={({ id }) => id}
        columns={[
          {
            head: 'Version',
            isName: true,
            cell: (version) => (
              <>
                {version.number}{' '}
                {version.note === '' ? null : (
                  <span class="version-note">
                    <GuestText text={version.note} />
                  </span>
                )}
              </>
            ),
          },
          { head: 'Standing', cell: ({ standing }) => <StandingBadge standing={standing} /> },
          {
            head: 'Uploaded',
            cell: ({ createdAt, createdBy }) => (
              <>
                <Time at={createdAt} /> by <bdi>{createdBy}</bdi>
              </>
            ),
          },
          { head: 'Size', isNumber: true, isWide: true, cell: ({ bytes }) => formatBytes(bytes) },
          {
            head: 'Digest',
            isWide: true,
            cell: ({ digest }) => <code title={digest}>{digest.slice(0, 12)}</code>,
          },
          {
            head: <span class="sr-only">Module</span>,
            isTight: true,
            isWide: true,
            cell: ({ number }) => (
              <a
                href={`/api/handlers/${encodeURIComponent(handler.id)}/versions/${number}/module`}
                rel="external"
                download
                aria-label={`Download the module of version ${number}`}
              >
                Download
              </a>
            ),
          },
          {
            head: <span class="sr-only">Actions</span>,
            isTight: true,
            cell: (version) => {
              if (version.active) return <Badge tone="good">active</Badge>;
              if (handler.deletedAt !== null) return null;
              const isOlder = version.number < (handler.activeVersion ?? 0);
              return (
                <div class="actions">
                  <Button
                    label={`${isOlder ? 'Roll back to' : 'Activate'} version ${version.number}`}
                    onClick={() => onActivate(version)}
                  >
                    {isOlder ? 'Roll back' : 'Activate'}
                  </Button>
                  <Button
                    kind="danger"
                    label={`Delete version ${version.number}`}
                    onClick={() => onDelete(version)}
                  >
                    Delete
                  </Button>
                </div>
              );
            },
          },
        ]}
      />
      <QuarantineNotes versions={versions} />
      <Pager next={next} />
    </section>
  );
}
