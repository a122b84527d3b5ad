import { LinkButton } from '../components/controls/button.tsx';
import { Empty } from '../components/empty.tsx';
import { useTitle } from './page-frame.tsx';
import { PageHeading } from './page-heading.tsx';

export function NotFound() {
  useTitle('Not found');
  return (
    <>
      <PageHeading title="Page not found" />
      <Empty
        title="This page does not exist"
        actions={<LinkButton href="/panel/">Overview</LinkButton>}
      >
        The URL may be mistyped or outdated.
      </Empty>
    </>
  );
}
