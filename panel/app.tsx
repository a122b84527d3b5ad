/**
 * The panel: a static client of the API.
 *
 * - Each file in `pages/` is a page, routed by its path and loaded on first visit. It exports `Page` (a component of
 *   PageProps) and `title`. Pages of one handler render inside `HandlerFrame`.
 * - A page renders its `PageHeading` immediately, then the data it loads with `useResource` and `Resource`, which handles
 *   the states loading, empty and failed. Filters are in the URL (`useLocation().query`), so that it can be bookmarked
 *   and shared.
 * - All requests go through `api` and `take`; an ApiError's message is a sentence for the user. `useUser()` returns the
 *   signed-in user.
 * - Guest output is rendered by `GuestText` or `CodeBlock`, which make control characters visible; never as markup.
 * - Links are plain `<a href="/panel/…">`. Actions are buttons. Irreversible actions ask for confirmation
 *   (`ConfirmDialog`); others offer an undo (`showToast` with `undo`).
 * - Colours come from `styles/base.css`, which supports light, dark and forced colours.
 */
import { LocationProvider, Route, Router } from 'preact-iso';
import { Toasts } from './components/toast.tsx';
import { createPage } from './layout/page-frame.tsx';
import { Shell } from './layout/shell.tsx';
import { useKeptSession } from './keep-session.ts';
import { NotFound } from './layout/not-found.tsx';
import { ROUTES } from './pages.ts';

const PAGES = ROUTES.map(({ path, load }) => ({ path, component: createPage(load) }));

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
