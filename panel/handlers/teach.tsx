/** What to do where there is no handler yet. */
import { CodeBlock } from '../components/text/code-block.tsx';
import { Empty } from '../components/empty.tsx';
import { LinkButton } from '../components/controls/button.tsx';
import { useUser } from '../session.ts';

/** Where the command signs in by itself. */
const HOME = 'http://localhost:4000';

const COMMANDS = [
  location.origin === HOME ? 'trisiel login' : `trisiel login --server ${location.origin}`,
  'trisiel init hello --language as',
  'cd hello && trisiel deploy',
].join('\n');

export function NoHandlersYet() {
  const { tier } = useUser();
  if (tier === 0) {
    return (
      <Empty
        title="You may read, not deploy yet"
        actions={
          <>
            <LinkButton href="/panel/apply" kind="primary">
              Apply for the free tier
            </LinkButton>
            <LinkButton href="/playground/" isOutside>
              Run functions in the browser
            </LinkButton>
          </>
        }
      >
        Deploying takes the free tier. Say in a sentence what it is for, and an administrator
        decides.
      </Empty>
    );
  }
  return (
    <Empty
      title="Deploy your first handler"
      actions={
        <>
          <LinkButton href="/panel/deploy" kind="primary">
            Drop a module here instead
          </LinkButton>
          <LinkButton href="/start/" isOutside>
            How handlers work
          </LinkButton>
        </>
      }
    >
      <p>
        A handler is a WebAssembly module that answers HTTP requests at an address of its own. From
        your terminal, three lines of <a href="/command/">the command trisiel</a> make one and put
        it online:
      </p>
      <CodeBlock label="Commands" text={COMMANDS} />
    </Empty>
  );
}
