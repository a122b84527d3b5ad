import type { ComponentChildren, TargetedMouseEvent } from 'preact';
import './button.css';

/** At most one primary button per page; `danger` is for destructive actions. */
export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly kind?: ButtonKind;
  /** The action is running; clicks are ignored. */
  readonly isBusy?: boolean;
  readonly disabled?: boolean;
  /** Default `button`. */
  readonly type?: 'button' | 'submit';
  /** Accessible name, if the text alone is not sufficient. */
  readonly label?: string;
  readonly onClick?: (event: TargetedMouseEvent<HTMLButtonElement>) => void;
}

export function Button(props: ButtonProps) {
  const { children, kind = 'plain', isBusy = false, disabled = false, type = 'button' } = props;
  return (
    <button
      type={type}
      class={`button button-${kind}`}
      disabled={disabled}
      aria-disabled={isBusy}
      aria-busy={isBusy}
      aria-label={props.label}
      onClick={(event) => {
        // Unlike a disabled button, a busy button keeps the focus.
        if (isBusy) event.preventDefault();
        else props.onClick?.(event);
      }}
    >
      {children}
    </button>
  );
}

export interface LinkButtonProps {
  readonly href: string;
  readonly children: ComponentChildren;
  readonly kind?: ButtonKind;
  /** The link leaves the panel, in the same tab. */
  readonly isOutside?: boolean;
}

/** A link that looks like a button. */
export function LinkButton({ href, children, kind = 'plain', isOutside }: LinkButtonProps) {
  return (
    <a
      class={`button button-${kind}`}
      href={href}
      rel={isOutside === true ? 'external' : undefined}
    >
      {children}
    </a>
  );
}
