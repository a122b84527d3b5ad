import { take, type ApiHandler } from '../../../../client/index.ts';
import { api } from '../../../api.ts';
import { Resource, useResource } from '../../../components/resource.tsx';
import { HandlerFrame } from '../../../layout/handler-frame.tsx';
import type { PageProps } from '../../../pages.ts';
import { PolicyForm } from '../../../policy/policy-form.tsx';
import '../../../policy/policy-page.css';

export function title({ params }: PageProps): string {
  return `Policy of ${params['handler']}`;
}

export function Page({ params }: PageProps) {
  return (
    <HandlerFrame handler={params['handler'] ?? ''} page="Policy">
      {(handler) => <Policy handler={handler} />}
    </HandlerFrame>
  );
}

function Policy({ handler }: { readonly handler: ApiHandler }) {
  const loading = useResource(
    (signal) =>
      take(
        api.GET('/api/handlers/{handler}/policy', {
          params: { path: { handler: handler.id } },
          signal,
        }),
      ),
    [handler.id],
  );
  return (
    <>
      <Resource of={loading} lines={8}>
        {({ policy }) => (
          <PolicyForm
            handler={handler}
            saved={policy}
            onSaved={(kept) => loading.replace({ policy: kept })}
          />
        )}
      </Resource>
      <Meaning />
    </>
  );
}

function Meaning() {
  return (
    <section class="section" aria-labelledby="meaning">
      <h2 id="meaning">How policies work</h2>
      <ul class="policy-means">
        <li>
          <code>disallow</code> takes precedence: a URL that matches one of its expressions is
          refused.
        </li>
        <li>
          If there is an <code>allow</code> list, a URL that matches none of its expressions is
          refused. An empty list refuses all URLs.
        </li>
        <li>
          A refusal stops the guest, and the execution reports the line of the policy. Expressions
          use RE2 syntax, one per line; start them with <code>^</code>.
        </li>
        <li>
          <code>ram-page-limit</code> and <code>gas-limit</code> limit a run, up to the limits of
          your tier. The defaults are 128 pages of 64 KiB and 33,554,432 instructions.
        </li>
      </ul>
      <p class="section-end">
        <a href="/olin/policy/">Policy file reference</a>
      </p>
    </section>
  );
}
