import { PageHeading } from '../layout/page-heading.tsx';

export const title = 'Overview';

export function Page() {
  return <PageHeading title="Overview" />;
}
