/** The frame around every page: skip link, header, navigation, main landmark. */
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useCurrentInView } from '../components/hooks/use-current-in-view.ts';
import { session } from '../session.ts';
import { UserMenu } from './user-menu.tsx';
import './shell.css';

interface NavigationLink {
  readonly label: string;
  readonly href: string;
  readonly isForAdmins?: boolean;
}

const LINKS: readonly NavigationLink[] = [
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
  const current = session.value;
  const row = useCurrentInView(`${current.state} ${path}`);
  if (current.state !== 'user') return <div class="places" />;
  const links = LINKS.filter(({ isForAdmins = false }) => !isForAdmins || current.user.isAdmin);
  return (
    <nav class="places" aria-label="Panel" ref={row}>
      {links.map(({ label, href }) => (
        <a key={href} href={href} aria-current={currency(path, href)}>
          {label}
        </a>
      ))}
    </nav>
  );
}

/** Returns the value of aria-current: `page` for the link's own page, `true` for pages below it. */
function currency(path: string, href: string): 'page' | 'true' | undefined {
  const target = href.replace(/\/$/, '');
  if (path === target) return 'page';
  // The Admin link covers all administrators' pages, and the Handlers link those of executions.
  const root = target.startsWith('/panel/admin') ? '/panel/admin' : target;
  const isUnder = root !== '/panel' && path.startsWith(`${root}/`);
  const isExecution = root === '/panel/handlers' && path.startsWith('/panel/executions/');
  return isUnder || isExecution ? 'true' : undefined;
}
