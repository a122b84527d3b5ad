/** Wraps every page: sets its title, focuses its heading, and requires a signed-in user. */
import { lazy } from 'preact-iso';
import type { ComponentType } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { asError, Problem } from '../components/resource.tsx';
import { SkeletonLines } from '../components/skeleton.tsx';
import type { PageModule, PageProps } from '../pages.ts';
import { session, UserContext } from '../session.ts';
import { PageHeading } from './page-heading.tsx';
import { Welcome } from './welcome.tsx';

/** Path of the previous page. Undefined for the first page, which keeps the browser's own focus. */
let lastPath: string | undefined;

export function createPage(load: () => Promise<PageModule>): ComponentType<PageProps> {
  return lazy(async () => {
    const page = await load().catch(() => BROKEN);
    // The key resets all state when the page shows another handler.
    return (props: PageProps) => (
      <Frame key={JSON.stringify(props.params)} page={page} props={props} />
    );
  });
}

function Frame({ page, props }: { readonly page: PageModule; readonly props: PageProps }) {
  const { Page, title, isOpen = false } = page;
  const name = typeof title === 'string' ? title : title(props);
  useTitle(name);
  useEffect(() => {
    const { pathname } = location;
    if (lastPath !== undefined && lastPath !== pathname) focusHeading();
    lastPath = pathname;
  }, []);

  const current = session.value;
  const [fault]: [unknown, unknown] = useErrorBoundary();
  if (fault !== undefined) {
    return <FailedPage title="This page cannot be shown" error={asError(fault)} />;
  }
  if (current.state === 'user') {
    return (
      <UserContext.Provider value={current.user}>
        <Page {...props} />
      </UserContext.Provider>
    );
  }
  if (isOpen) return <Page {...props} />;
  if (current.state === 'signed-out') return <Welcome hasEnded={current.hasEnded} />;
  if (current.state === 'failed') return <FailedPage title={name} error={current.error} />;
  return (
    <>
      <PageHeading title={name} />
      <SkeletonLines />
    </>
  );
}

export function useTitle(name: string): void {
  useEffect(() => void (document.title = `${name} · Trisiel`), [name]);
}

/** Moves the focus to the heading, so that a screen reader continues there. */
function focusHeading(): void {
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
}

/** Shown if the page's file cannot be loaded, usually because a newer panel was installed. */
const BROKEN: PageModule = {
  title: 'Not loaded',
  isOpen: true,
  Page: () => (
    <FailedPage
      title="The page could not be loaded"
      error={new Error('The panel may have been updated, or you may be offline. Try again.')}
    />
  ),
};

function FailedPage({ title, error }: { readonly title: string; readonly error: Error }) {
  return (
    <>
      <PageHeading title={title} />
      <Problem error={error} onRetry={() => location.reload()} />
    </>
  );
}
