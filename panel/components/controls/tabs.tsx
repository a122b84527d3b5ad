import { useLocation } from 'preact-iso';
import { useCurrentInView } from '../hooks/use-current-in-view.ts';
import './tabs.css';

export interface Tab {
  readonly label: string;
  readonly href: string;
}

/** Links to related pages. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const { path } = useLocation();
  const row = useCurrentInView(path);
  return (
    <nav class="tabs" aria-label={label} ref={row}>
      {tabs.map((tab) => (
        <a key={tab.href} href={tab.href} aria-current={path === tab.href ? 'page' : undefined}>
          {tab.label}
        </a>
      ))}
    </nav>
  );
}
