import { LinkButton } from '../components/controls/button.tsx';
import { Empty } from '../components/empty.tsx';
import { useTitle } from './page-frame.tsx';
import { PageHeading } from './page-heading.tsx';

export function NotFound() {
  useTitle('Not found');
  return (
    <>
      <PageHeading title="There is no such page" />
      <Empty
        title="The address leads nowhere"
        actions={<LinkButton href="/panel/">Overview</LinkButton>}
      >
        It may be mistyped, or from an older panel.
      </Empty>
    </>
  );
}
