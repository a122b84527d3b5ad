import { useLocation } from 'preact-iso';
import './tabs.css';

export interface Tab {
  readonly label: string;
  readonly href: string;
}

/** Pages that belong together, as links. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const { path } = useLocation();
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <a key={tab.href} href={tab.href} aria-current={path === tab.href ? 'page' : undefined}>
          {tab.label}
        </a>
      ))}
    </nav>
  );
}
