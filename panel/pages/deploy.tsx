import { take } from '../../client/index.ts';
import { DEPLOY_TIER } from '../../server/tiers.ts';
import { api } from '../api.ts';
import { LinkButton } from '../components/controls/button.tsx';
import { Empty } from '../components/empty.tsx';
import { Resource, useResource } from '../components/resource.tsx';
import { DeployForm } from '../deploy/deploy-form.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import type { PageProps } from '../pages.ts';
import { useUser } from '../session.ts';
import '../deploy/deploy.css';

export const title = 'Deploy';

const MAX_LISTED = 100;

export function Page({ query }: PageProps) {
  const user = useUser();
  return (
    <>
      <PageHeading title="Deploy" lead="Upload a WebAssembly module and serve it at a URL." />
      {user.tier < DEPLOY_TIER ? (
        <Empty
          title="Deploying requires the free tier"
          actions={
            <LinkButton href="/panel/apply" kind="primary">
              Apply for the free tier
            </LinkButton>
          }
        >
          <p>
            An administrator reviews each application. In the meantime, you can run all examples in{' '}
            <a href="/start/">the documentation</a> in your browser.
          </p>
        </Empty>
      ) : (
        <Deploy handler={query['handler']} />
      )}
    </>
  );
}

/** @param handler name of the initially selected handler, from the URL */
function Deploy({ handler }: { readonly handler: string | undefined }) {
  const loading = useResource(
    async (signal) => {
      const [limits, { items }, initial] = await Promise.all([
        take(api.GET('/api/limits', { signal })),
        take(api.GET('/api/handlers', { params: { query: { limit: MAX_LISTED } }, signal })),
        handler === undefined
          ? undefined
          : take(api.GET('/api/handlers/{handler}', { params: { path: { handler } }, signal })),
      ]);
      const isListed = initial === undefined || items.some(({ id }) => id === initial.id);
      return { limits, handlers: isListed ? items : [initial, ...items], initial };
    },
    [handler],
  );
  return (
    <Resource of={loading}>
      {({ limits, handlers, initial }) => (
        <DeployForm limits={limits} handlers={handlers} initial={initial} />
      )}
    </Resource>
  );
}
