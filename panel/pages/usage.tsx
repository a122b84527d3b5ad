import { useLocation } from 'preact-iso';
import { useMemo } from 'preact/hooks';
import { take } from '../../client/index.ts';
import { DEPLOY_TIER } from '../../server/tiers.ts';
import { api } from '../api.ts';
import { LinkButton } from '../components/controls/button.tsx';
import { Empty } from '../components/empty.tsx';
import { withQuery } from '../components/controls/pager.tsx';
import { Resource, useResource } from '../components/resource.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import type { PageProps } from '../pages.ts';
import { useUser } from '../session.ts';
import { LimitsView } from '../usage/limits.tsx';
import { lastDays } from '../usage/sums.ts';
import { UsageView } from '../usage/usage-view.tsx';
import '../usage/usage.css';

export const title = 'Usage';

const SPANS = [7, 30, 90] as const;

export function Page({ query }: PageProps) {
  const user = useUser();
  const span = SPANS.find((each) => String(each) === query['days']) ?? 30;
  const range = useMemo(() => lastDays(new Date(), span), [span]);
  const limits = useResource((signal) => take(api.GET('/api/limits', { signal })));
  const usage = useResource(
    (signal) => take(api.GET('/api/usage', { params: { query: range }, signal })),
    [range.from, range.to],
  );
  return (
    <>
      <PageHeading
        title="Usage"
        lead="Usage of your handlers per UTC day, and the limits of your tier."
      />
      <section aria-labelledby="today">
        <h2 id="today">Today's usage</h2>
        <Resource of={limits}>{(value) => <LimitsView limits={value} />}</Resource>
        {user.tier < DEPLOY_TIER ? (
          <p class="usage-apply">
            <LinkButton href="/panel/apply">Apply for the free tier</LinkButton>
          </p>
        ) : null}
      </section>
      <section class="section" aria-labelledby="days">
        <div class="section-head">
          <h2 id="days">By day</h2>
          <Spans span={span} />
        </div>
        <Resource
          of={usage}
          lines={8}
          isEmpty={({ days }) => days.length === 0}
          empty={
            <Empty title={`No runs in the last ${span} days`}>
              <p>
                This page shows runs, failures, gas and bytes per day. New runs appear within
                seconds.
              </p>
            </Empty>
          }
        >
          {({ days }) => <UsageView rows={days} range={range} />}
        </Resource>
      </section>
    </>
  );
}

function Spans({ span }: { readonly span: number }) {
  const { url } = useLocation();
  return (
    <nav class="periods" aria-label="Period">
      {SPANS.map((each) => (
        <a
          key={each}
          href={withQuery(url, { days: each === 30 ? undefined : String(each) })}
          aria-current={each === span ? 'true' : undefined}
        >
          {each} days
        </a>
      ))}
    </nav>
  );
}
