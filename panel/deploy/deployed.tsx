/** Shown after a deploy: the deployed version, a command to call it, and the next steps. */
import type { ApiHandler, ApiVersion } from '../../client/index.ts';
import { curlLine } from '../call/curl.ts';
import { Button, LinkButton } from '../components/controls/button.tsx';
import { CodeBlock } from '../components/text/code-block.tsx';

export interface DeployedProps {
  readonly handler: ApiHandler;
  readonly version: ApiVersion;
  readonly onAgain: () => void;
}

export function Deployed({ handler, version, onAgain }: DeployedProps) {
  const base = `/panel/handlers/${encodeURIComponent(handler.name)}`;
  const curl = curlLine({
    method: 'GET',
    url: handler.url,
    headers: [],
    body: '',
    needsToken: handler.private,
  });
  return (
    <section class="card deployed" aria-labelledby="deployed">
      <h2 id="deployed" tabIndex={-1} ref={(heading) => heading?.focus()}>
        {version.active
          ? `Version ${version.number} of ${handler.name} is active`
          : `Version ${version.number} of ${handler.name} is uploaded`}
      </h2>
      {version.active ? (
        <CodeBlock label="curl command" text={curl} />
      ) : (
        <p>It is not active yet. Activate it in the list of versions.</p>
      )}
      <div class="actions">
        {version.active ? (
          <LinkButton href={`${base}/try`} kind="primary">
            Try it
          </LinkButton>
        ) : null}
        <LinkButton href={`${base}/versions`}>Versions</LinkButton>
        <LinkButton href={`${base}/configuration`}>Configuration</LinkButton>
        <Button onClick={onAgain}>Deploy another module</Button>
      </div>
    </section>
  );
}
