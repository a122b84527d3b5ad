import { take, type Handler } from '../../../../client/index.ts';
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

function Policy({ handler }: { readonly handler: Handler }) {
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
      <h2 id="meaning">What it means</h2>
      <ul class="policy-means">
        <li>
          <code>disallow</code> wins: a URL that one of its expressions finds is refused.
        </li>
        <li>
          With an <code>allow</code> list, a URL that none of its expressions finds is refused. An
          empty list refuses all.
        </li>
        <li>
          A refusal stops the guest, and the execution says which line it was. Expressions are RE2,
          one a line; begin them with <code>^</code>.
        </li>
        <li>
          <code>ram-page-limit</code> and <code>gas-limit</code> bound a run, as far as your tier
          goes. Without them it is 128 pages of 64 KiB and 33,554,432 instructions.
        </li>
      </ul>
      <p class="section-end">
        <a href="/olin/policy/">The policy file, in the documentation</a>
      </p>
    </section>
  );
}
