/** Form fields with a label, a hint and an error. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import './field.css';

/** Attributes that connect an input to its label, hint and error. */
export interface FieldAttributes {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

export interface FieldProps {
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  /** A sentence that describes the error and how to correct it. */
  readonly error?: string | undefined;
  readonly children: (attributes: FieldAttributes) => ComponentChildren;
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const describedBy = [
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
        'aria-describedby': describedBy.length === 0 ? undefined : describedBy.join(' '),
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

/** For a number or a time, use a Field with an `<input class="input">`. */
export interface TextFieldProps extends Omit<FieldProps, 'children'> {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly maxLength?: number;
  /** The value is code: a name, an address or a pattern. */
  readonly isCode?: boolean;
  /** Number of lines; undefined for a single-line input. */
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
      {(attributes) =>
        lines === undefined ? (
          <input
            {...attributes}
            {...rest}
            type="text"
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        ) : (
          <textarea
            {...attributes}
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
  /** Pairs of value and label. */
  readonly choices: readonly (readonly [Value, string])[];
  readonly onChoose: (value: Value) => void;
}

export function SelectField<Value extends string>(props: SelectFieldProps<Value>) {
  const { value, choices, onChoose } = props;
  return (
    <Field label={props.label} hint={props.hint} error={props.error}>
      {(attributes) => (
        <select
          {...attributes}
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
