/** The frame around every page: skip link, header, navigation, main landmark. */
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useCurrentInView } from '../components/hooks/use-current-in-view.ts';
import { session } from '../session.ts';
import { UserMenu } from './user-menu.tsx';
import './shell.css';

interface Place {
  readonly label: string;
  readonly href: string;
  readonly isForAdmins?: boolean;
}

const PLACES: readonly Place[] = [
  { label: 'Overview', href: '/panel/' },
  { label: 'Handlers', href: '/panel/handlers' },
  { label: 'Deploy', href: '/panel/deploy' },
  { label: 'Tokens', href: '/panel/tokens' },
  { label: 'Usage', href: '/panel/usage' },
  { label: 'Admin', href: '/panel/admin/users', isForAdmins: true },
];

export function Shell({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="shell">
      <a class="skip-link" href="#content">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="/panel/" aria-label="Trisiel panel, overview">
          <img src="/favicon.svg" alt="" width="28" height="28" />
          <span translate={false}>Trisiel</span>
        </a>
        <Navigation />
        <UserMenu />
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Navigation() {
  const { path } = useLocation();
  const now = session.value;
  const row = useCurrentInView(`${now.state} ${path}`);
  if (now.state !== 'user') return <div class="places" />;
  const places = PLACES.filter(({ isForAdmins = false }) => !isForAdmins || now.user.isAdmin);
  return (
    <nav class="places" aria-label="Panel" ref={row}>
      {places.map(({ label, href }) => (
        <a key={href} href={href} aria-current={currency(path, href)}>
          {label}
        </a>
      ))}
    </nav>
  );
}

/** On the page itself, somewhere under it, or elsewhere. */
function currency(path: string, href: string): 'page' | 'true' | undefined {
  const place = href.replace(/\/$/, '');
  if (path === place) return 'page';
  // All pages of administrators are under one of them; a single execution is a handler's.
  const root = place.startsWith('/panel/admin') ? '/panel/admin' : place;
  const isUnder = root !== '/panel' && path.startsWith(`${root}/`);
  const isExecution = root === '/panel/handlers' && path.startsWith('/panel/executions/');
  return isUnder || isExecution ? 'true' : undefined;
}
