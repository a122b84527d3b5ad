import { LinkButton } from '../components/controls/button.tsx';
import { Empty } from '../components/empty.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import { Welcome } from '../layout/welcome.tsx';
import { session } from '../session.ts';

export const title = 'Sign in';
export const isOpen = true;

export function Page() {
  const current = session.value;
  if (current.state !== 'user') return <Welcome hasEnded={false} returnTo="/panel/" />;
  return (
    <>
      <PageHeading title="You are signed in" />
      <Empty
        title={`Signed in as ${current.user.username}`}
        actions={
          <LinkButton href="/panel/" kind="primary">
            Go to the overview
          </LinkButton>
        }
      >
        To sign in with another account, first sign out in the menu at the top.
      </Empty>
    </>
  );
}
