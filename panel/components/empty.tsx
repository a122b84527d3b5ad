import type { ComponentChildren } from 'preact';
import './empty.css';

export interface EmptyProps {
  readonly title: string;
  /** Explains what would be listed and how to create it. */
  readonly children?: ComponentChildren;
  readonly actions?: ComponentChildren;
}

/** The empty state of a list. */
export function Empty({ title, children, actions }: EmptyProps) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children === undefined ? null : <div class="empty-text">{children}</div>}
      {actions === undefined ? null : <div class="actions">{actions}</div>}
    </div>
  );
}
