/** Form fields for the target of a deploy: a new handler, or an existing one. */
import { take, type ApiHandler } from '../../client/index.ts';
import { api } from '../api.ts';
import { Button } from '../components/controls/button.tsx';
import { SelectField, TextField } from '../components/controls/field.tsx';
import { Problem } from '../components/resource.tsx';
import { useAction } from '../components/hooks/use-action.ts';

export interface DeployTarget {
  readonly kind: 'new' | 'existing';
  /** Name of the new handler. If empty, a name is generated. */
  readonly name: string;
  /** Id of the existing handler. */
  readonly handlerId: string;
}

export interface TargetFieldsProps {
  readonly target: DeployTarget;
  readonly onChange: (target: DeployTarget) => void;
  readonly handlers: readonly ApiHandler[];
  /** Error message for the name. */
  readonly nameError: string | undefined;
}

export function TargetFields({ target, onChange, handlers, nameError }: TargetFieldsProps) {
  const generating = useAction(async () => {
    const { name } = await take(api.GET('/api/name'));
    onChange({ ...target, name });
  });
  return (
    <fieldset class="target">
      <legend>Deploy to</legend>
      <label class="choice">
        <input
          type="radio"
          name="target"
          checked={target.kind === 'new'}
          onChange={() => onChange({ ...target, kind: 'new' })}
        />
        New handler
      </label>
      {target.kind === 'new' ? (
        <div class="target-part">
          <div class="field-row">
            <TextField
              label="Name"
              hint="Part of the URL. If empty, a name is generated."
              value={target.name}
              onInput={(name) => onChange({ ...target, name })}
              isCode
              maxLength={63}
              placeholder="brave-otter-417"
              error={nameError}
            />
            <Button isBusy={generating.isBusy} onClick={generating.run}>
              Generate
            </Button>
          </div>
          {generating.error === undefined ? null : <Problem error={generating.error} />}
        </div>
      ) : null}
      <label class="choice">
        <input
          type="radio"
          name="target"
          checked={target.kind === 'existing'}
          disabled={handlers.length === 0}
          onChange={() =>
            onChange({
              ...target,
              kind: 'existing',
              handlerId: target.handlerId === '' ? (handlers[0]?.id ?? '') : target.handlerId,
            })
          }
        />
        Existing handler, as a new version
        {handlers.length === 0 ? <span class="muted">(you have no handlers yet)</span> : null}
      </label>
      {target.kind === 'existing' ? (
        <div class="target-part">
          <SelectField
            label="Handler"
            value={target.handlerId}
            choices={handlers.map(({ id, name }) => [id, name] as const)}
            onChoose={(handlerId) => onChange({ ...target, handlerId })}
          />
        </div>
      ) : null}
    </fieldset>
  );
}
