import type { ComponentChildren, TargetedMouseEvent } from 'preact';
import './button.css';

/** One primary button a page at most; danger for what destroys. */
export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly kind?: ButtonKind;
  /** It is being done: the button waits, and says so. */
  readonly isBusy?: boolean;
  readonly disabled?: boolean;
  /** Default `button`. */
  readonly type?: 'button' | 'submit';
  /** Where its text alone does not say enough. */
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
        // A busy button keeps the focus, which a disabled one would lose.
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
  /** Leads out of the panel, in this tab. */
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
