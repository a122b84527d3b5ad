/** Where a module goes: to a handler that is made for it, or to one that is there. */
import { take, type Handler } from '../../client/index.ts';
import { api } from '../api.ts';
import { Button } from '../components/controls/button.tsx';
import { SelectField, TextField } from '../components/controls/field.tsx';
import { Problem } from '../components/resource.tsx';
import { useAction } from '../components/hooks/use-action.ts';

export interface Target {
  readonly kind: 'new' | 'existing';
  /** Of a new one; empty: one is made up. */
  readonly name: string;
  /** Of an existing one. */
  readonly handlerId: string;
}

export interface TargetFieldsProps {
  readonly target: Target;
  readonly onChange: (target: Target) => void;
  readonly handlers: readonly Handler[];
  /** What is wrong with the name. */
  readonly nameError: string | undefined;
}

export function TargetFields({ target, onChange, handlers, nameError }: TargetFieldsProps) {
  const makingUp = useAction(async () => {
    const { name } = await take(api.GET('/api/name'));
    onChange({ ...target, name });
  });
  return (
    <fieldset class="target">
      <legend>Where it goes</legend>
      <label class="choice">
        <input
          type="radio"
          name="target"
          checked={target.kind === 'new'}
          onChange={() => onChange({ ...target, kind: 'new' })}
        />
        A new handler
      </label>
      {target.kind === 'new' ? (
        <div class="target-part">
          <div class="field-row">
            <TextField
              label="Name"
              hint="Its address. Left empty, a pleasant one is made up."
              value={target.name}
              onInput={(name) => onChange({ ...target, name })}
              isCode
              maxLength={63}
              placeholder="brave-otter-417"
              error={nameError}
            />
            <Button isBusy={makingUp.isBusy} onClick={makingUp.run}>
              Make one up
            </Button>
          </div>
          {makingUp.error === undefined ? null : <Problem error={makingUp.error} />}
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
        A new version of a handler
        {handlers.length === 0 ? <span class="muted">(you have none yet)</span> : null}
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
