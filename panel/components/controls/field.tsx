/** What is typed or chosen, with its label, its hint, and what is wrong with it. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import './field.css';

/** What an input needs to be tied to its label, hint and error. */
export interface FieldTies {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

export interface FieldProps {
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  /** A sentence that says what is wrong and what to do. */
  readonly error?: string | undefined;
  readonly children: (ties: FieldTies) => ComponentChildren;
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const told = [
    ...(hint === undefined ? [] : [`${id}-hint`]),
    ...(error === undefined ? [] : [`${id}-error`]),
  ];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint === undefined ? null : (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({
        id,
        'aria-describedby': told.length === 0 ? undefined : told.join(' '),
        'aria-invalid': error === undefined ? undefined : true,
      })}
      {error === undefined ? null : (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** Text. For a number or a time, put an `<input class="input">` into a Field. */
export interface TextFieldProps extends Omit<FieldProps, 'children'> {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly maxLength?: number;
  /** Code: a name, an address, a pattern. */
  readonly isCode?: boolean;
  /** More than one line. */
  readonly lines?: number;
}

export function TextField(props: TextFieldProps) {
  const { value, onInput, isCode = false, lines } = props;
  const rest = {
    value,
    placeholder: props.placeholder,
    required: props.required,
    maxLength: props.maxLength,
    class: isCode ? 'input mono' : 'input',
    autoComplete: 'off',
    ...(isCode ? { spellCheck: false, autoCapitalize: 'none' as const } : {}),
  };
  return (
    <Field label={props.label} hint={props.hint} error={props.error}>
      {(ties) =>
        lines === undefined ? (
          <input
            {...ties}
            {...rest}
            type="text"
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        ) : (
          <textarea
            {...ties}
            {...rest}
            rows={lines}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        )
      }
    </Field>
  );
}

export interface SelectFieldProps<Value extends string> extends Omit<FieldProps, 'children'> {
  readonly value: Value;
  /** Value and what is shown. */
  readonly choices: readonly (readonly [Value, string])[];
  readonly onChoose: (value: Value) => void;
}

export function SelectField<Value extends string>(props: SelectFieldProps<Value>) {
  const { value, choices, onChoose } = props;
  return (
    <Field label={props.label} hint={props.hint} error={props.error}>
      {(ties) => (
        <select
          {...ties}
          class="input"
          value={value}
          onChange={({ currentTarget }) => {
            const chosen = choices.find(([each]) => each === currentTarget.value);
            if (chosen !== undefined) onChoose(chosen[0]);
          }}
        >
          {choices.map(([each, name]) => (
            <option key={each} value={each}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
