/**
 * The panel: a static client of the API.
 *
 * - A page is one file in `pages/`, found by its path and loaded when it is first seen. It exports `Page` (a component of
 *   PageProps) and `title`. Pages of one handler draw themselves inside `HandlerFrame`.
 * - A page draws its `PageHeading` at once, then what it has to load: `useResource` and `Resource`, which has a look for
 *   loading, empty and failed. What it shows is in the address (`useLocation().query`), so that it can be kept and sent.
 * - Everything is asked through `api` and `take`; an ApiError's message is a sentence for people. Who is signed in:
 *   `useUser()`.
 * - What a guest made is drawn by `GuestText` or `CodeBlock`, which make control characters visible; never as markup.
 * - Links are plain `<a href="/panel/…">`. What changes something is a button; what cannot be taken back asks first
 *   (`ConfirmDialog`), what can says how (`showToast` with `undo`).
 * - Colours are those of `styles/base.css`, which work in light, dark and forced colours.
 */
import { LocationProvider, Route, Router } from 'preact-iso';
import { Toasts } from './components/toast.tsx';
import { drawPage } from './layout/page-frame.tsx';
import { Shell } from './layout/shell.tsx';
import { useKeptSession } from './keep-session.ts';
import { NotFound } from './layout/not-found.tsx';
import { ROUTES } from './pages.ts';

const PAGES = ROUTES.map(({ path, load }) => ({ path, component: drawPage(load) }));

export function App() {
  useKeptSession();
  return (
    <LocationProvider scope={/^\/panel(?:$|[/?#])/}>
      <Shell>
        <Router>
          {PAGES.map(({ path, component }) => (
            <Route key={path} path={path} component={component} />
          ))}
          <Route default component={NotFound} />
        </Router>
      </Shell>
      <Toasts />
    </LocationProvider>
  );
}
