import type { ApiHandler } from '../../client/index.ts';
import { CopyButton } from '../components/controls/copy-button.tsx';
import { GuestText } from '../components/text/guest-text.tsx';
import { Table } from '../components/table.tsx';
import { Time } from '../components/text/time.tsx';
import { HandlerState } from '../layout/handler-frame.tsx';

export function HandlerTable({ handlers }: { readonly handlers: readonly ApiHandler[] }) {
  return (
    <Table
      caption="Your handlers, newest first"
      rows={handlers}
      keyOf={({ id }) => id}
      columns={[
        {
          head: 'Name',
          isName: true,
          cell: ({ name, description }) => (
            <>
              <a href={`/panel/handlers/${name}`}>{name}</a>
              {description === '' ? null : (
                <div class="handler-text">
                  <GuestText text={description} />
                </div>
              )}
            </>
          ),
        },
        { head: 'Status', cell: (handler) => <HandlerState handler={handler} /> },
        {
          head: 'Mode',
          isWide: true,
          cell: ({ mode }) => (mode === 'sync' ? 'synchronous' : 'asynchronous'),
        },
        {
          head: 'Access',
          isWide: true,
          cell: (handler) => (handler.private ? 'private' : 'public'),
        },
        { head: 'Updated', isWide: true, cell: ({ updatedAt }) => <Time at={updatedAt} /> },
        {
          head: <span class="sr-only">URL</span>,
          isTight: true,
          cell: ({ name, url }) => <CopyButton text={url} label={`Copy the URL of ${name}`} />,
        },
      ]}
    />
  );
}
