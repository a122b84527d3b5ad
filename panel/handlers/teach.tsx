/** Empty state of the handler list. */
import { CodeBlock } from '../components/text/code-block.tsx';
import { Empty } from '../components/empty.tsx';
import { LinkButton } from '../components/controls/button.tsx';
import { useUser } from '../session.ts';

/** The CLI's default server. */
const DEFAULT_SERVER = 'http://localhost:4000';

const COMMANDS = [
  location.origin === DEFAULT_SERVER
    ? 'trisiel login'
    : `trisiel login --server ${location.origin}`,
  'trisiel init hello --language as',
  'cd hello && trisiel deploy',
].join('\n');

export function NoHandlersYet() {
  const { tier } = useUser();
  if (tier === 0) {
    return (
      <Empty
        title="Deploying requires the free tier"
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
        Your account is read-only. Apply with a sentence about what you want to deploy, and an
        administrator will decide.
      </Empty>
    );
  }
  return (
    <Empty
      title="Deploy your first handler"
      actions={
        <>
          <LinkButton href="/panel/deploy" kind="primary">
            Upload a module instead
          </LinkButton>
          <LinkButton href="/start/" isOutside>
            How handlers work
          </LinkButton>
        </>
      }
    >
      <p>
        A handler is a WebAssembly module that answers HTTP requests at its own URL. Create and
        deploy one from your terminal with <a href="/command/">the trisiel CLI</a>:
      </p>
      <CodeBlock label="Commands" text={COMMANDS} />
    </Empty>
  );
}
