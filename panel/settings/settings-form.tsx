import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { ApiError, take, type ApiHandler } from '../../client/index.ts';
import { api } from '../api.ts';
import { Button } from '../components/controls/button.tsx';
import { SelectField, TextField } from '../components/controls/field.tsx';
import { Problem } from '../components/resource.tsx';
import { showToast } from '../components/toast.tsx';
import { fieldError, restOfError, useAction } from '../components/hooks/use-action.ts';

export interface SettingsFormProps {
  readonly handler: ApiHandler;
  readonly onSaved: (handler: ApiHandler) => void;
}

type Settings = Pick<ApiHandler, 'name' | 'description' | 'mode' | 'private' | 'trace'>;

const FIELDS = ['body/name', 'body/description', 'body/mode', 'body/private', 'body/trace'];

export function SettingsForm({ handler, onSaved }: SettingsFormProps) {
  const { route } = useLocation();
  const [settings, setSettings] = useState<Settings>(settingsOf(handler));
  const change = (changes: Partial<Settings>): void => setSettings({ ...settings, ...changes });
  const changes = changesOf(settings, handler);
  const isChanged = Object.keys(changes).length > 0;
  const saving = useAction(async () => {
    const saved = await take(
      api.PATCH('/api/handlers/{handler}', {
        params: { path: { handler: handler.id } },
        body: changes,
      }),
    );
    setSettings(settingsOf(saved));
    showToast(`The settings of ${saved.name} are saved.`);
    if (saved.name === handler.name) onSaved(saved);
    else route(`/panel/handlers/${encodeURIComponent(saved.name)}/settings`, true);
  });
  const { error } = saving;
  const isTaken = error instanceof ApiError && error.problem.code === 'name-taken';
  const rest = isTaken ? undefined : restOfError(error, FIELDS);
  return (
    <form
      class="settings"
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) saving.run();
      }}
    >
      <TextField
        label="Name"
        hint={
          settings.name === handler.name
            ? `URL: ${handler.url}`
            : 'Renaming changes the URL. The old URL stops working and its name becomes available.'
        }
        value={settings.name}
        onInput={(name) => change({ name })}
        isCode
        required
        maxLength={63}
        error={isTaken ? error.message : fieldError(error, 'body/name')}
      />
      <TextField
        label="Description"
        value={settings.description}
        onInput={(description) => change({ description })}
        maxLength={500}
        error={fieldError(error, 'body/description')}
      />
      <SelectField
        label="Mode"
        hint={
          settings.mode === 'sync'
            ? 'The caller waits for the response.'
            : 'The caller immediately gets the URL of the execution, where the response is available later.'
        }
        value={settings.mode}
        choices={[
          ['sync', 'Synchronous'],
          ['async', 'Asynchronous'],
        ]}
        onChoose={(mode) => change({ mode })}
        error={fieldError(error, 'body/mode')}
      />
      <label class="choice">
        <input
          type="checkbox"
          checked={settings.private}
          onChange={({ currentTarget }) => change({ private: currentTarget.checked })}
        />
        <span>
          Private: callers need one of your tokens with the scope <code>handlers:call</code>
        </span>
      </label>
      <label class="choice">
        <input
          type="checkbox"
          checked={settings.trace}
          onChange={({ currentTarget }) => change({ trace: currentTarget.checked })}
        />
        <span>
          Trace: record the headers, the first bytes of the body and the first system calls of each
          run, without the values of credentials
        </span>
      </label>
      {rest === undefined ? null : <Problem error={rest} />}
      <div class="actions">
        <Button type="submit" kind="primary" isBusy={saving.isBusy} disabled={!isChanged}>
          Save
        </Button>
        {isChanged ? (
          <Button
            onClick={() => {
              saving.reset();
              setSettings(settingsOf(handler));
            }}
          >
            Discard
          </Button>
        ) : null}
      </div>
    </form>
  );
}

function settingsOf({ name, description, mode, private: isPrivate, trace }: ApiHandler): Settings {
  return { name, description, mode, private: isPrivate, trace };
}

/** Returns only the changed settings, so that concurrent changes to others are not overwritten. */
function changesOf(settings: Settings, handler: ApiHandler): Partial<Settings> {
  return {
    ...(settings.name === handler.name ? {} : { name: settings.name }),
    ...(settings.description === handler.description ? {} : { description: settings.description }),
    ...(settings.mode === handler.mode ? {} : { mode: settings.mode }),
    ...(settings.private === handler.private ? {} : { private: settings.private }),
    ...(settings.trace === handler.trace ? {} : { trace: settings.trace }),
  };
}
