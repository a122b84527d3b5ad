import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { take, type ApiApplication } from '../../../client/index.ts';
import { AdminFrame } from '../../admin/admin-frame.tsx';
import { ApplicationState } from '../../admin/application-state.tsx';
import { DecideDialog, type ApplicationDecision } from '../../admin/decide-dialog.tsx';
import { api } from '../../api.ts';
import { Button } from '../../components/controls/button.tsx';
import { Empty } from '../../components/empty.tsx';
import { SelectField } from '../../components/controls/field.tsx';
import { GuestText } from '../../components/text/guest-text.tsx';
import { CURSOR, Pager, withQuery } from '../../components/controls/pager.tsx';
import { Resource, useResource } from '../../components/resource.tsx';
import { Table } from '../../components/table.tsx';
import { Time } from '../../components/text/time.tsx';
import type { PageProps } from '../../pages.ts';

export const title = 'Applications';

const STATES = ['pending', 'approved', 'refused', 'all'] as const;

export function Page({ query }: PageProps) {
  return (
    <AdminFrame page="Applications">
      <Applications query={query} />
    </AdminFrame>
  );
}

function Applications({ query }: { readonly query: PageProps['query'] }) {
  const { url, route } = useLocation();
  const cursor = query[CURSOR];
  const state = STATES.find((each) => each === query['state']) ?? 'pending';
  const applications = useResource(
    (signal) =>
      take(
        api.GET('/api/admin/applications', {
          params: {
            query: {
              ...(cursor === undefined ? {} : { cursor }),
              ...(state === 'all' ? {} : { status: state }),
            },
          },
          signal,
        }),
      ),
    [cursor, state],
  );
  const [decision, setDecision] = useState<ApplicationDecision>();
  return (
    <>
      <div class="field-row filter">
        <SelectField
          label="Status"
          value={state}
          choices={STATES.map((each) => [each, each] as const)}
          onChoose={(chosen) =>
            route(
              withQuery(url, {
                state: chosen === 'pending' ? undefined : chosen,
                [CURSOR]: undefined,
              }),
            )
          }
        />
      </div>
      <Resource
        of={applications}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Empty title={state === 'pending' ? 'No pending applications' : 'No applications'}>
            <p>New users have tier 0 and apply for the free tier in order to deploy.</p>
          </Empty>
        }
      >
        {({ items, next }) => (
          <>
            <ApplicationTable applications={items} onDecide={setDecision} />
            <Pager next={next} />
          </>
        )}
      </Resource>
      <DecideDialog
        decision={decision}
        onClose={() => setDecision(undefined)}
        onDone={applications.reload}
      />
    </>
  );
}

function ApplicationTable({
  applications,
  onDecide,
}: {
  readonly applications: readonly ApiApplication[];
  readonly onDecide: (decision: ApplicationDecision) => void;
}) {
  return (
    <Table
      caption="Applications, newest first"
      rows={applications}
      keyOf={({ id }) => id}
      columns={[
        { head: 'User', isName: true, cell: ({ username }) => <GuestText text={username} /> },
        {
          head: 'Purpose',
          cell: ({ purpose, answer }) => (
            <>
              <p class="purpose">
                <GuestText text={purpose} />
              </p>
              {answer === null || answer === '' ? null : (
                <p class="reason">
                  Answer: <GuestText text={answer} />
                </p>
              )}
            </>
          ),
        },
        { head: 'Sent', isWide: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
        {
          head: 'Status',
          cell: (application) =>
            application.status === 'pending' ? (
              <div class="actions">
                <Button
                  label={`Approve ${application.username}`}
                  onClick={() => onDecide({ application, status: 'approved' })}
                >
                  Approve
                </Button>
                <Button
                  kind="danger"
                  label={`Refuse ${application.username}`}
                  onClick={() => onDecide({ application, status: 'refused' })}
                >
                  Refuse
                </Button>
              </div>
            ) : (
              <ApplicationState status={application.status} />
            ),
        },
      ]}
    />
  );
}
