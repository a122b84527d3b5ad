/** Frame of the administrators' pages. Access is enforced by the API, not here. */
import type { ComponentChildren } from 'preact';
import { Empty } from '../components/empty.tsx';
import { Tabs } from '../components/controls/tabs.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import { useUser } from '../session.ts';
import './admin.css';

export interface AdminFrameProps {
  /** Title of the page, such as `Users`. */
  readonly page: string;
  readonly children: ComponentChildren;
}

export function AdminFrame({ page, children }: AdminFrameProps) {
  const user = useUser();
  if (!user.isAdmin) {
    return (
      <>
        <PageHeading title={page} />
        <Empty title="This page is for administrators">
          <p>Your account has no administrator rights on this server.</p>
        </Empty>
      </>
    );
  }
  return (
    <>
      <PageHeading
        title={page}
        lead="For administrators. All actions are recorded in the audit log."
      />
      <Tabs
        label="Administration"
        tabs={[
          { label: 'Users', href: '/panel/admin/users' },
          { label: 'Applications', href: '/panel/admin/applications' },
          { label: 'Audit log', href: '/panel/admin/audit' },
        ]}
      />
      {children}
    </>
  );
}
