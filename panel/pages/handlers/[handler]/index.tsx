import { take, type ApiHandler } from '../../../../client/index.ts';
import { api } from '../../../api.ts';
import { curlLine } from '../../../call/curl.ts';
import { LinkButton } from '../../../components/controls/button.tsx';
import { CodeBlock } from '../../../components/text/code-block.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Resource, useResource } from '../../../components/resource.tsx';
import { useRefresh } from '../../../components/hooks/use-refresh.ts';
import { ExecutionTable } from '../../../executions/list/execution-table.tsx';
import { LogTail } from '../../../executions/log/log-tail.tsx';
import { HandlerFrame } from '../../../layout/handler-frame.tsx';
import type { PageProps } from '../../../pages.ts';
import { REFRESH_MS, StatisticsView } from '../../../statistics/statistics.tsx';
import '../../../executions/executions.css';
import '../../../handlers/handlers.css';

export const title = ({ params }: PageProps): string => params['handler'] ?? '';

const LATEST = 5;

export function Page({ params }: PageProps) {
  return (
    <HandlerFrame handler={params['handler'] ?? ''} page="Overview">
      {(handler) =>
        handler.deletedAt === null ? (
          <HandlerOverview handler={handler} />
        ) : (
          <DeletedHandler handler={handler} />
        )
      }
    </HandlerFrame>
  );
}

function HandlerOverview({ handler }: { readonly handler: ApiHandler }) {
  const { name, url } = handler;
  if (handler.activeVersion === null) {
    return (
      <Empty
        title="No versions yet"
        actions={
          <LinkButton href={`/panel/handlers/${name}/versions`} kind="primary">
            Upload a version
          </LinkButton>
        }
      >
        <p>Upload a WebAssembly module to serve it at this URL:</p>
        <CodeBlock text={url} label="URL" />
      </Empty>
    );
  }
  const line = curlLine({ method: 'GET', url, headers: [], body: '', needsToken: handler.private });
  return (
    <>
      <CodeBlock text={line} label="curl command" />
      <div class="section">
        <StatisticsView handler={name} />
      </div>
      <LogTail handler={name} />
      <LatestExecutions handler={handler} />
    </>
  );
}

function LatestExecutions({ handler }: { readonly handler: ApiHandler }) {
  const loading = useResource(
    (signal) =>
      take(
        api.GET('/api/executions', {
          params: { query: { handler: handler.id, limit: LATEST } },
          signal,
        }),
      ),
    [handler.id],
  );
  useRefresh(loading, REFRESH_MS);
  return (
    <section class="section">
      <div class="latest-head">
        <h2>Latest executions</h2>
        <a href={`/panel/handlers/${handler.name}/executions`}>All executions</a>
      </div>
      <Resource
        of={loading}
        isEmpty={({ items }) => items.length === 0}
        empty={<p class="muted">None yet. Run the command above in a terminal.</p>}
      >
        {({ items }) => <ExecutionTable caption="Latest executions" executions={items} />}
      </Resource>
    </section>
  );
}

function DeletedHandler({ handler }: { readonly handler: ApiHandler }) {
  return (
    <>
      <Empty
        title="This handler is deleted"
        actions={
          <LinkButton href="/panel/handlers?deleted=yes">Restore it from the list</LinkButton>
        }
      >
        It no longer accepts calls. Its versions and executions are kept.
      </Empty>
      <LatestExecutions handler={handler} />
    </>
  );
}
