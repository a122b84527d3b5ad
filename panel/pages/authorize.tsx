import { useState } from 'preact/hooks';
import { take } from '../../client/index.ts';
import { api } from '../api.ts';
import { Button } from '../components/controls/button.tsx';
import { GuestText } from '../components/text/guest-text.tsx';
import { asError, Problem } from '../components/resource.tsx';
import { callbackUrl, readRequest, type CliAuthorizationRequest } from '../authorize/request.ts';
import { PageHeading } from '../layout/page-heading.tsx';
import type { PageProps } from '../pages.ts';
import { useUser } from '../session.ts';
import { SCOPE_TEXTS, scopesOf } from '../tokens/scopes.ts';
import '../components/controls/field.css';
import '../authorize/authorize.css';

export const title = 'Authorize the CLI';

export function Page({ query }: PageProps) {
  const request = readRequest(query);
  if (window.top !== window.self || request === undefined) {
    return (
      <>
        <PageHeading title="Invalid authorization request" />
        <Problem
          error={
            new Error(
              'This URL was not created by the CLI. Run trisiel login in your terminal and open the URL it prints.',
            )
          }
        />
      </>
    );
  }
  return <Consent request={request} />;
}

type State = 'asking' | 'busy' | 'allowed' | 'refused';

function Consent({ request }: { readonly request: CliAuthorizationRequest }) {
  const { username, scopes, isAdmin } = useUser();
  const { asksAdmin } = request;
  const [state, setState] = useState<State>('asking');
  const [error, setError] = useState<Error>();
  // Administration needs an explicit tick, so that allowing by habit grants only the usual scopes.
  const [administers, setAdministers] = useState(false);
  const granted = scopesOf(scopes).filter((scope) => scope !== 'admin');

  const allow = async (): Promise<void> => {
    setState('busy');
    setError(undefined);
    try {
      const { challenge, name } = request;
      const all = administers ? [...granted, 'admin' as const] : granted;
      const body = { challenge, name, scopes: all };
      const { code } = await take(api.POST('/api/command-logins', { body }));
      setState('allowed');
      location.assign(callbackUrl(request, { code }));
    } catch (problem) {
      setError(asError(problem));
      setState('asking');
    }
  };
  const refuse = (): void => {
    setState('refused');
    location.assign(callbackUrl(request, { error: 'access_denied' }));
  };

  if (state === 'allowed' || state === 'refused') {
    return (
      <PageHeading
        title={state === 'allowed' ? 'CLI authorized' : 'Authorization denied'}
        lead="Return to your terminal. You can close this window."
      />
    );
  }
  return (
    <div class="authorize">
      <PageHeading
        title="Authorize the CLI?"
        lead={
          <>
            The CLI <code>trisiel</code> requests a token for <strong>{username}</strong>, named{' '}
            <strong>
              <GuestText text={request.name} />
            </strong>
            .
          </>
        }
      />
      <div class="card">
        <h2>Permissions</h2>
        <ul class="authorize-scopes">
          {granted.map((scope) => (
            <li key={scope}>
              {SCOPE_TEXTS[scope]} <code>{scope}</code>
            </li>
          ))}
        </ul>
        {asksAdmin ? (
          <Administration isAdmin={isAdmin} isGiven={administers} onChange={setAdministers} />
        ) : null}
        <p class="muted">
          The CLI stores the token. You can revoke it at any time under{' '}
          <a href="/panel/tokens">Tokens</a>. The authorization code is sent only to port{' '}
          {request.port} of this machine.
        </p>
      </div>
      <p>
        Allow this only if you have just run{' '}
        <code>{asksAdmin ? 'trisiel login --admin' : 'trisiel login'}</code> on this machine.
      </p>
      {error === undefined ? null : <Problem error={error} />}
      <div class="actions">
        <Button kind="primary" isBusy={state === 'busy'} onClick={() => void allow()}>
          Allow
        </Button>
        <Button onClick={refuse}>Deny</Button>
      </div>
    </div>
  );
}

function Administration({
  isAdmin,
  isGiven,
  onChange,
}: {
  readonly isAdmin: boolean;
  readonly isGiven: boolean;
  readonly onChange: (isGiven: boolean) => void;
}) {
  if (!isAdmin) {
    return (
      <p class="authorize-admin">
        It also requests to administer this server. You are not an administrator, so it cannot.
      </p>
    );
  }
  return (
    <div class="authorize-admin">
      <p>
        <strong>It also requests to administer this server</strong> in your name until the token
        expires.
      </p>
      <label class="choice">
        <input
          type="checkbox"
          checked={isGiven}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
        <span>
          {SCOPE_TEXTS.admin} <code>admin</code>
        </span>
      </label>
    </div>
  );
}
