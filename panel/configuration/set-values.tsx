/** Forms to set one value, or several from pasted lines. Input is kept as a draft until it is sent. */
import { parseEnvFile, take, type ConfigKeys, type ApiHandler } from '../../client/index.ts';
import { api } from '../api.ts';
import { Button } from '../components/controls/button.tsx';
import { useDraft } from '../components/controls/drafts.ts';
import { TextField } from '../components/controls/field.tsx';
import { Problem } from '../components/resource.tsx';
import { showToast } from '../components/toast.tsx';
import { fieldError, restOfError, useAction } from '../components/hooks/use-action.ts';
import './configuration.css';

export interface SetValuesProps {
  readonly handler: ApiHandler;
  readonly knownKeys: readonly string[];
  readonly onSet: (keys: ConfigKeys) => void;
}

export function SetValues(props: SetValuesProps) {
  return (
    <>
      <SetOne {...props} />
      <SetMany {...props} />
    </>
  );
}

function SetOne({ handler, knownKeys, onSet }: SetValuesProps) {
  const [key, setKey] = useDraft(`key ${handler.id}`);
  const [value, setValue] = useDraft(`value ${handler.id}`);
  const setting = useAction(async () => {
    onSet(await send(handler, { [key]: value }));
    showToast(`${key} is set.`);
    setKey('');
    setValue('');
  });
  const fields = [`body/set/${key}`, 'body/set'];
  const error = fields
    .map((field) => fieldError(setting.error, field))
    .find((each) => each !== undefined);
  const rest = restOfError(setting.error, fields);
  return (
    <section class="section" aria-labelledby="set-one">
      <h2 id="set-one">Set a value</h2>
      <form
        class="set-one"
        onSubmit={(event) => {
          event.preventDefault();
          setting.run();
        }}
      >
        <TextField
          label="Key"
          hint={knownKeys.includes(key) ? 'Replaces the current value.' : undefined}
          value={key}
          onInput={setKey}
          isCode
          required
          maxLength={64}
          placeholder="API_TOKEN"
          error={error}
        />
        <TextField label="Value" value={value} onInput={setValue} isCode />
        <Button type="submit" isBusy={setting.isBusy}>
          Set
        </Button>
      </form>
      {rest === undefined ? null : <Problem error={rest} />}
    </section>
  );
}

function SetMany({ handler, knownKeys, onSet }: SetValuesProps) {
  const [text, setText] = useDraft(`values ${handler.id}`);
  const { values, problems } = parseEnvFile(text);
  const keys = [...values.keys()];
  const setting = useAction(async () => {
    onSet(await send(handler, Object.fromEntries(values)));
    showToast(keys.length === 1 ? `${keys[0]} is set.` : `${keys.length} keys are set.`);
    setText('');
  });
  const [problem] = problems;
  return (
    <section class="section" aria-labelledby="set-many">
      <h2 id="set-many">Set multiple values</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === undefined && keys.length > 0) setting.run();
        }}
      >
        <TextField
          label="KEY=VALUE lines"
          hint="As in a .env file. Other keys are not changed."
          value={text}
          onInput={(typed) => {
            setting.reset();
            setText(typed);
          }}
          lines={5}
          isCode
          placeholder={'GREETING=Hello\nAPI_TOKEN="…"'}
          error={
            problem === undefined
              ? undefined
              : `Line ${problem.line}, column ${problem.column}: ${problem.message}`
          }
        />
        {setting.error === undefined ? null : <Problem error={setting.error} />}
        <p class="set-many-summary" role="status">
          {summary(keys, knownKeys)}
        </p>
        <Button
          type="submit"
          isBusy={setting.isBusy}
          disabled={keys.length === 0 || problem !== undefined}
        >
          {keys.length > 1 ? `Set ${keys.length} keys` : 'Set keys'}
        </Button>
      </form>
    </section>
  );
}

function summary(keys: readonly string[], knownKeys: readonly string[]): string {
  if (keys.length === 0) return '';
  const fresh = keys.filter((key) => !knownKeys.includes(key));
  const replaced = keys.filter((key) => knownKeys.includes(key));
  return [
    ...(fresh.length === 0 ? [] : [`New: ${fresh.join(', ')}.`]),
    ...(replaced.length === 0 ? [] : [`Replaced: ${replaced.join(', ')}.`]),
  ].join(' ');
}

function send(handler: ApiHandler, set: Record<string, string>): Promise<ConfigKeys> {
  return take(
    api.PATCH('/api/handlers/{handler}/config', {
      params: { path: { handler: handler.id } },
      body: { set },
    }),
  );
}
