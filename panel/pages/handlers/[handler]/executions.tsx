import { useLocation } from 'preact-iso';
import { take, type ApiHandler } from '../../../../client/index.ts';
import { api } from '../../../api.ts';
import { CodeBlock } from '../../../components/text/code-block.tsx';
import { Empty } from '../../../components/empty.tsx';
import { CURSOR, Pager } from '../../../components/controls/pager.tsx';
import { Resource, useResource } from '../../../components/resource.tsx';
import { curlLine } from '../../../call/curl.ts';
import { ExecutionTable } from '../../../executions/list/execution-table.tsx';
import { FilterForm } from '../../../executions/list/filter-form.tsx';
import { isFiltered, toQuery } from '../../../executions/list/filter.ts';
import { HandlerFrame } from '../../../layout/handler-frame.tsx';
import type { PageProps } from '../../../pages.ts';
import '../../../executions/executions.css';

export const title = ({ params }: PageProps): string => `Executions · ${params['handler'] ?? ''}`;

export function Page({ params }: PageProps) {
  return (
    <HandlerFrame handler={params['handler'] ?? ''} page="Executions">
      {(handler) => <Executions handler={handler} />}
    </HandlerFrame>
  );
}

function Executions({ handler }: { readonly handler: ApiHandler }) {
  const { query } = useLocation();
  const apiQuery = toQuery(query, handler.id);
  const loading = useResource(
    (signal) => take(api.GET('/api/executions', { params: { query: apiQuery }, signal })),
    [JSON.stringify(apiQuery)],
  );
  const isNarrowed = isFiltered(query) || query[CURSOR] !== undefined;
  return (
    <>
      <FilterForm />
      <Resource
        of={loading}
        lines={8}
        isEmpty={({ items }) => items.length === 0}
        empty={isNarrowed ? <NoneFound /> : <NoneYet handler={handler} />}
      >
        {({ items, next }) => (
          <>
            <ExecutionTable caption="Executions, newest first" executions={items} />
            <Pager next={next} />
          </>
        )}
      </Resource>
    </>
  );
}

function NoneFound() {
  return (
    <Empty title="No executions found">
      No executions match the filter. Remove a condition or extend the time range.
    </Empty>
  );
}

function NoneYet({ handler }: { readonly handler: ApiHandler }) {
  const line = curlLine({
    method: 'GET',
    url: handler.url,
    headers: [],
    body: '',
    needsToken: handler.private,
  });
  return (
    <Empty title="No executions yet">
      <p>
        Each run of the handler is listed here with its response, log and bill. Call the handler:
      </p>
      <CodeBlock text={line} label="curl command" />
    </Empty>
  );
}
