import { take, type ApiExecutionDetail } from '../../../client/index.ts';
import { api } from '../../api.ts';
import { CopyButton } from '../../components/controls/copy-button.tsx';
import { formatMs } from '../../../olin/quantities.ts';
import { makeVisible } from '../../components/text/guest-text.tsx';
import { Resource, useResource } from '../../components/resource.tsx';
import { formatExact, Time } from '../../components/text/time.tsx';
import { useRefresh } from '../../components/hooks/use-refresh.ts';
import { Attempts } from '../../executions/attempts.tsx';
import { Bill } from '../../executions/bill.tsx';
import { Headers } from '../../executions/headers.tsx';
import { LogLines } from '../../executions/log/log-lines.tsx';
import { Output } from '../../executions/output.tsx';
import { StatusBadge } from '../../executions/status-badge.tsx';
import { TraceTimeline } from '../../executions/trace-timeline.tsx';
import { TrapView } from '../../executions/trap.tsx';
import { PageHeading } from '../../layout/page-heading.tsx';
import type { PageProps } from '../../pages.ts';
import '../../executions/executions.css';

export const title = 'Execution';

/** Poll interval while the execution is running. */
const POLL_MS = 1500;

export function Page({ params }: PageProps) {
  const execution = params['execution'] ?? '';
  const loading = useResource(
    (signal) =>
      take(api.GET('/api/executions/{execution}', { params: { path: { execution } }, signal })),
    [execution],
  );
  const found = loading.value;
  const isOver = found?.status !== 'queued' && found?.status !== 'running';
  useRefresh(loading, isOver ? undefined : POLL_MS);
  return (
    <>
      <PageHeading
        above={
          found === undefined ? (
            <a href="/panel/handlers">Handlers</a>
          ) : (
            <nav aria-label="Breadcrumb">
              <a href="/panel/handlers">Handlers</a> /{' '}
              <a href={`/panel/handlers/${found.handler}`}>{found.handler}</a> /{' '}
              <a href={`/panel/handlers/${found.handler}/executions`}>Executions</a>
            </nav>
          )
        }
        title={
          found === undefined ? (
            'Execution'
          ) : (
            <span class="mono">{makeVisible(`${found.method} ${found.path}`)}</span>
          )
        }
        lead={found === undefined ? undefined : <Lead execution={found} />}
      />
      <Resource of={loading} lines={10}>
        {(value) => <ExecutionSections execution={value} />}
      </Resource>
    </>
  );
}

function Lead({ execution }: { readonly execution: ApiExecutionDetail }) {
  const { status, httpStatus, wallMs, startedAt, version } = execution;
  return (
    <span class="facts-lead">
      <StatusBadge status={status} httpStatus={httpStatus} />
      {httpStatus === null ? null : <span>HTTP {httpStatus}</span>}
      <span>{formatMs(wallMs)}</span>
      {version === null ? null : <span>version {version}</span>}
      <Time at={startedAt} />
    </span>
  );
}

function ExecutionSections({ execution }: { readonly execution: ApiExecutionDetail }) {
  const { output, errorOutput, log, trace, wallMs, calls, mode, attempt, request, response } =
    execution;
  const callCount = Object.values(calls).reduce((sum, count) => sum + count, 0);
  return (
    <div class="execution-grid">
      <div>
        <TrapView execution={execution} />
        <Output title="Response" bytes={output} none="The handler wrote nothing." />
        {errorOutput.base64 === '' ? null : (
          <Output title="Standard error" bytes={errorOutput} none="" />
        )}
        <section class="section">
          <h2>Log</h2>
          {log.length === 0 ? (
            <p class="muted">The handler logged nothing.</p>
          ) : (
            <LogLines lines={log} />
          )}
        </section>
        <section class="section">
          <h2>System calls</h2>
          {trace === null ? (
            <TraceOff handler={execution.handler} />
          ) : (
            <TraceTimeline trace={trace} wallMs={wallMs} callCount={callCount} />
          )}
        </section>
        {request === null ? null : (
          <>
            <Headers title="Request headers" headers={request.headers} />
            {request.body.base64 === '' ? null : (
              <Output title="Request body" bytes={request.body} none="" />
            )}
          </>
        )}
        <Headers title="Response headers" headers={response?.headers ?? []} />
        {mode === 'async' || attempt > 1 ? <Attempts execution={execution} /> : null}
      </div>
      <aside aria-label="Details">
        <Request execution={execution} />
        <Bill execution={execution} />
      </aside>
    </div>
  );
}

function Request({ execution }: { readonly execution: ApiExecutionDetail }) {
  const { id, mode, attempt, callId, exitCode, httpStatus, startedAt, method, path } = execution;
  return (
    <section class="section">
      <h2>Request</h2>
      <dl class="facts">
        <dt>Method</dt>
        <dd>{method}</dd>
        <dt>Path</dt>
        <dd>{makeVisible(path)}</dd>
        <dt>Started</dt>
        <dd>{formatExact(startedAt)}</dd>
        <dt>Mode</dt>
        <dd>{mode === 'sync' ? 'synchronous' : `asynchronous, attempt ${attempt}`}</dd>
        <dt>HTTP status</dt>
        <dd>{httpStatus ?? 'none'}</dd>
        <dt>Exit status</dt>
        <dd>{exitCode ?? 'none'}</dd>
        {callId === id ? null : (
          <>
            <dt>Call</dt>
            <dd class="mono">{callId}</dd>
          </>
        )}
        <dt>ID</dt>
        <dd class="mono facts-id">
          {id} <CopyButton text={id} label="Copy the ID" />
        </dd>
      </dl>
    </section>
  );
}

function TraceOff({ handler }: { readonly handler: string }) {
  return (
    <p class="muted">
      Not recorded. Turn on tracing in the{' '}
      <a href={`/panel/handlers/${handler}/settings`}>settings of the handler</a> to record the
      system calls, headers and body of its next runs.
    </p>
  );
}
