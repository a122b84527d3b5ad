/** What every page is drawn in: its title, the focus on its heading, and the check that someone is signed in. */
import { lazy } from 'preact-iso';
import type { ComponentType } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { asError, Problem } from '../components/resource.tsx';
import { SkeletonLines } from '../components/skeleton.tsx';
import type { PageModule, PageProps } from '../pages.ts';
import { session, UserContext } from '../session.ts';
import { PageHeading } from './page-heading.tsx';
import { Welcome } from './welcome.tsx';

/** The page that was drawn before; undefined for the first, where the browser's own focus is right. */
let lastPath: string | undefined;

export function drawPage(load: () => Promise<PageModule>): ComponentType<PageProps> {
  return lazy(async () => {
    const page = await load().catch(() => BROKEN);
    // Another handler's page is another page: nothing of the one before is left.
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

  const now = session.value;
  const [fault]: [unknown, unknown] = useErrorBoundary();
  if (fault !== undefined) {
    return <Unshown title="This page cannot be shown" error={asError(fault)} />;
  }
  if (now.state === 'user') {
    return (
      <UserContext.Provider value={now.user}>
        <Page {...props} />
      </UserContext.Provider>
    );
  }
  if (isOpen) return <Page {...props} />;
  if (now.state === 'stranger') return <Welcome hasEnded={now.hasEnded} />;
  if (now.state === 'failed') return <Unshown title={name} error={now.error} />;
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

/** Where a reader of the screen goes on reading. */
function focusHeading(): void {
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
}

/** In place of a page whose file is gone, mostly since a newer panel was installed. */
const BROKEN: PageModule = {
  title: 'Not loaded',
  isOpen: true,
  Page: () => (
    <Unshown
      title="The page could not be loaded"
      error={new Error('The panel may have been renewed meanwhile, or the connection is gone.')}
    />
  ),
};

function Unshown({ title, error }: { readonly title: string; readonly error: Error }) {
  return (
    <>
      <PageHeading title={title} />
      <Problem error={error} onRetry={() => location.reload()} />
    </>
  );
}
