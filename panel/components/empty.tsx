import type { ComponentChildren } from 'preact';
import './empty.css';

export interface EmptyProps {
  readonly title: string;
  /** What it is, and how there comes to be one. */
  readonly children?: ComponentChildren;
  readonly actions?: ComponentChildren;
}

/** In place of a list with nothing in it: says what would be here, and what to do. */
export function Empty({ title, children, actions }: EmptyProps) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children === undefined ? null : <div class="empty-text">{children}</div>}
      {actions === undefined ? null : <div class="actions">{actions}</div>}
    </div>
  );
}
