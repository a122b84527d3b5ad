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

export const title = 'Let the command in';

export function Page({ query }: PageProps) {
  const request = readRequest(query);
  if (window.top !== window.self || request === undefined) {
    return (
      <>
        <PageHeading title="This is no sign-in of the command" />
        <Problem
          error={
            new Error(
              'The address is not as the command makes it. Run trisiel login in your terminal, and follow the address it prints.',
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
  // Never without a tick: whoever says yes by habit gives no more than the command asks for every day.
  const [administers, setAdministers] = useState(false);
  const given = scopesOf(scopes).filter((scope) => scope !== 'admin');

  const allow = async (): Promise<void> => {
    setState('busy');
    setError(undefined);
    try {
      const { challenge, name } = request;
      const all = administers ? [...given, 'admin' as const] : given;
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
        title={state === 'allowed' ? 'The command is let in' : 'The command was not let in'}
        lead="Go back to your terminal. This window can be closed."
      />
    );
  }
  return (
    <div class="authorize">
      <PageHeading
        title="Let the command in?"
        lead={
          <>
            The command <code>trisiel</code> asks for a token of <strong>{username}</strong>, named{' '}
            <strong>
              <GuestText text={request.name} />
            </strong>
            .
          </>
        }
      />
      <div class="card">
        <h2>With it, the command may</h2>
        <ul class="authorize-scopes">
          {given.map((scope) => (
            <li key={scope}>
              {SCOPE_TEXTS[scope]} <code>{scope}</code>
            </li>
          ))}
        </ul>
        {asksAdmin ? (
          <Administration isAdmin={isAdmin} isGiven={administers} onChange={setAdministers} />
        ) : null}
        <p class="muted">
          It is kept by the command, listed under <a href="/panel/tokens">Tokens</a>, and can be
          revoked there at any time. The code goes to port {request.port} of this machine alone.
        </p>
      </div>
      <p>
        Allow it only if you have just run{' '}
        <code>{asksAdmin ? 'trisiel login --admin' : 'trisiel login'}</code> on this machine.
      </p>
      {error === undefined ? null : <Problem error={error} />}
      <div class="actions">
        <Button kind="primary" isBusy={state === 'busy'} onClick={() => void allow()}>
          Allow
        </Button>
        <Button onClick={refuse}>Refuse</Button>
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
        It also asks to administer this server. You are no administrator, so it cannot.
      </p>
    );
  }
  return (
    <div class="authorize-admin">
      <p>
        <strong>It also asks to administer this server</strong>, in your name, for as long as the
        token lives.
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
