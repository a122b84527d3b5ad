/** Form to create a token, and the view that shows the token once. */
import { useEffect, useState } from 'preact/hooks';
import { take, type ApiToken, type TokenScope } from '../../client/index.ts';
import { api } from '../api.ts';
import { Button } from '../components/controls/button.tsx';
import { CodeBlock } from '../components/text/code-block.tsx';
import { Dialog } from '../components/controls/dialog.tsx';
import { SelectField, TextField } from '../components/controls/field.tsx';
import { Problem } from '../components/resource.tsx';
import { fieldError, restOfError, useAction } from '../components/hooks/use-action.ts';
import { useUser } from '../session.ts';
import { PRESETS, SCOPE_TEXTS, scopesOf } from './scopes.ts';

export type MadeToken = ApiToken & { readonly token: string };

const LIFETIMES = [
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', '1 year'],
] as const;
const FIELDS = ['body/name', 'body/expiresInDays'];

export interface NewTokenProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onMade: (made: MadeToken) => void;
}

export function NewToken({ isOpen, onClose, onMade }: NewTokenProps) {
  return (
    <Dialog title="New token" isOpen={isOpen} onClose={onClose}>
      <NewTokenForm onClose={onClose} onMade={onMade} />
    </Dialog>
  );
}

function NewTokenForm({ onClose, onMade }: Omit<NewTokenProps, 'isOpen'>) {
  const user = useUser();
  const offered = scopesOf(user.scopes).filter((scope) => scope !== 'admin' || user.isAdmin);
  const [name, setName] = useState('');
  const [days, setDays] = useState<(typeof LIFETIMES)[number][0]>('90');
  const [scopes, setScopes] = useState<readonly TokenScope[]>(PRESETS[0]?.scopes ?? []);
  const making = useAction(async () => {
    const made = await take(
      api.POST('/api/tokens', {
        body: { name, scopes: [...scopes], expiresInDays: Number(days) },
      }),
    );
    onMade(made);
  });
  const toggle = (scope: TokenScope): void =>
    setScopes(
      scopes.includes(scope) ? scopes.filter((each) => each !== scope) : [...scopes, scope],
    );
  const rest = restOfError(making.error, FIELDS);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        making.run();
      }}
    >
      <TextField
        label="Name"
        hint="What the token is for."
        value={name}
        onInput={setName}
        required
        maxLength={100}
        error={fieldError(making.error, 'body/name')}
      />
      <SelectField
        label="Expires after"
        value={days}
        choices={LIFETIMES}
        onChoose={setDays}
        error={fieldError(making.error, 'body/expiresInDays')}
      />
      <fieldset class="scopes">
        <legend>Scopes</legend>
        <div class="actions">
          {PRESETS.map((preset) => (
            <Button key={preset.name} onClick={() => setScopes(preset.scopes)}>
              {preset.name}
            </Button>
          ))}
        </div>
        {offered.map((scope) => (
          <label key={scope} class="choice">
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={() => toggle(scope)}
            />
            <span>
              {SCOPE_TEXTS[scope]} <code>{scope}</code>
            </span>
          </label>
        ))}
      </fieldset>
      {rest === undefined ? null : <Problem error={rest} />}
      <div class="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" isBusy={making.isBusy} disabled={scopes.length === 0}>
          Create token
        </Button>
      </div>
    </form>
  );
}

/** Shows a new token, which is only in memory and cannot be shown again. */
export function ShownOnce({
  made,
  onDone,
}: {
  readonly made: MadeToken;
  readonly onDone: () => void;
}) {
  useEffect(() => {
    // The token must not stay in the browser's back/forward cache.
    globalThis.addEventListener('pagehide', onDone);
    return () => globalThis.removeEventListener('pagehide', onDone);
  }, [onDone]);
  return (
    <section class="card shown-once" aria-label={`The token ${made.name}`}>
      <h2>
        Copy the token <bdi>{made.name}</bdi> now
      </h2>
      <p>
        It is shown only once and is not stored. Anyone who has it can use its permissions, so keep
        it out of code and chats.
      </p>
      <CodeBlock label="Token" text={made.token} />
      <p>
        Send it as <code>Authorization: Bearer …</code>, or sign in the CLI with{' '}
        <code>trisiel login --token</code>.
      </p>
      <div>
        <Button kind="primary" onClick={onDone}>
          Done
        </Button>
      </div>
    </section>
  );
}
