import type { ComponentChildren } from 'preact';
import './page-heading.css';

export interface PageHeadingProps {
  readonly title: ComponentChildren;
  /** A line above the title, usually a link to the parent page. */
  readonly above?: ComponentChildren;
  /** A line below the title. */
  readonly lead?: ComponentChildren;
  /** Buttons and links after the title. */
  readonly actions?: ComponentChildren;
}

/** The heading of a page. It receives the focus after navigation from another page. */
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
