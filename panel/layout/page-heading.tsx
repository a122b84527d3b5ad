import type { ComponentChildren } from 'preact';
import './page-heading.css';

export interface PageHeadingProps {
  readonly title: ComponentChildren;
  /** A line above it, mostly a link to where one came from. */
  readonly above?: ComponentChildren;
  /** A line under it. */
  readonly lead?: ComponentChildren;
  /** Buttons and links at its end. */
  readonly actions?: ComponentChildren;
}

/** The one heading of a page; it takes the focus when one comes from another page. */
export function PageHeading({ title, above, lead, actions }: PageHeadingProps) {
  return (
    <header class="page-heading">
      <div class="page-heading-text">
        {above === undefined ? null : <div class="page-above">{above}</div>}
        <h1 tabIndex={-1}>{title}</h1>
        {lead === undefined ? null : <div class="page-lead">{lead}</div>}
      </div>
      {actions === undefined ? null : <div class="actions">{actions}</div>}
    </header>
  );
}
