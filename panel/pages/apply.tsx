import { useState } from 'preact/hooks';
import { take, type ApiApplication } from '../../client/index.ts';
import { DEPLOY_TIER } from '../../server/tiers.ts';
import { api } from '../api.ts';
import { ApplicationState } from '../admin/application-state.tsx';
import { Button, LinkButton } from '../components/controls/button.tsx';
import { Empty } from '../components/empty.tsx';
import { TextField } from '../components/controls/field.tsx';
import { GuestText } from '../components/text/guest-text.tsx';
import { Problem, Resource, useResource } from '../components/resource.tsx';
import { Table } from '../components/table.tsx';
import { Time } from '../components/text/time.tsx';
import { showToast } from '../components/toast.tsx';
import { fieldError, restOfError, useAction } from '../components/hooks/use-action.ts';
import { useReturn } from '../components/hooks/use-return.ts';
import { PageHeading } from '../layout/page-heading.tsx';
import { renewSession } from '../keep-session.ts';
import { useUser } from '../session.ts';
import '../admin/admin.css';

export const title = 'Apply for the free tier';

export function Page() {
  const user = useUser();
  const applications = useResource(async (signal) => {
    // An approval also changes the user's tier, so refresh both.
    await renewSession();
    return take(api.GET('/api/applications', { signal }));
  });
  useReturn(applications.refresh);
  return (
    <>
      <PageHeading
        title="Apply for the free tier"
        lead="The free tier lets you deploy handlers. Describe what you want to deploy; an administrator reviews it."
      />
      <Resource of={applications}>
        {({ items }) => (
          <>
            {user.tier >= DEPLOY_TIER ? (
              <Empty
                title="You can deploy"
                actions={
                  <LinkButton href="/panel/deploy" kind="primary">
                    Deploy
                  </LinkButton>
                }
              >
                <p>
                  You have tier {user.tier}. See <a href="/panel/usage">its limits</a>.
                </p>
              </Empty>
            ) : items.some(({ status }) => status === 'pending') ? (
              <Empty title="Your application is being reviewed">
                <p>When it is approved, this page will show the result, and you can deploy.</p>
              </Empty>
            ) : (
              <ApplyForm onApplied={applications.reload} />
            )}
            {items.length === 0 ? null : <Applications applications={items} />}
          </>
        )}
      </Resource>
    </>
  );
}

function ApplyForm({ onApplied }: { readonly onApplied: () => void }) {
  const [purpose, setPurpose] = useState('');
  const applying = useAction(async () => {
    await take(api.POST('/api/applications', { body: { purpose } }));
    showToast('Your application was sent.');
    onApplied();
  });
  const rest = restOfError(applying.error, ['body/purpose']);
  return (
    <form
      class="apply"
      onSubmit={(event) => {
        event.preventDefault();
        applying.run();
      }}
    >
      <TextField
        label="What do you want to deploy?"
        hint="What it does, and roughly how often it will be called. At least ten characters."
        value={purpose}
        onInput={setPurpose}
        lines={5}
        required
        maxLength={2000}
        error={fieldError(applying.error, 'body/purpose')}
      />
      {rest === undefined ? null : <Problem error={rest} />}
      <p class="apply-send">
        <Button type="submit" kind="primary" isBusy={applying.isBusy}>
          Apply
        </Button>
      </p>
    </form>
  );
}

function Applications({ applications }: { readonly applications: readonly ApiApplication[] }) {
  return (
    <section class="section" aria-labelledby="applications">
      <h2 id="applications">Your applications</h2>
      <Table
        caption="Your applications, newest first"
        rows={applications}
        keyOf={({ id }) => id}
        columns={[
          { head: 'Sent', isName: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
          { head: 'Purpose', isWide: true, cell: ({ purpose }) => <GuestText text={purpose} /> },
          { head: 'Status', cell: ({ status }) => <ApplicationState status={status} /> },
          { head: 'Answer', cell: ({ answer }) => <GuestText text={answer ?? ''} /> },
        ]}
      />
    </section>
  );
}
