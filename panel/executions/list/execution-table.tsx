import type { ApiExecution } from '../../../client/index.ts';
import { formatCount, formatMs } from '../../../olin/quantities.ts';
import { GuestText } from '../../components/text/guest-text.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { Time } from '../../components/text/time.tsx';
import { requestLine } from '../request-line.ts';
import { StatusBadge } from '../status-badge.tsx';

export interface ExecutionTableProps {
  readonly caption: string;
  readonly executions: readonly ApiExecution[];
  /** Adds a column with the handler; default false. */
  readonly hasHandlers?: boolean;
}

const HANDLER: Column<ApiExecution> = {
  head: 'Handler',
  isWide: true,
  cell: ({ handler }) => <a href={`/panel/handlers/${handler}`}>{handler}</a>,
};

const COLUMNS: readonly Column<ApiExecution>[] = [
  {
    head: 'Request',
    isName: true,
    cell: (execution) => (
      <a class="mono request-line" href={`/panel/executions/${execution.id}`}>
        <GuestText text={requestLine(execution)} />
      </a>
    ),
  },
  {
    head: 'Status',
    cell: ({ status, httpStatus, trapCode }) => (
      <>
        <StatusBadge status={status} httpStatus={httpStatus} />
        {trapCode === null ? null : <span class="muted trap-code"> {trapCode}</span>}
      </>
    ),
  },
  { head: 'HTTP', isNumber: true, isWide: true, cell: ({ httpStatus }) => httpStatus ?? '–' },
  { head: 'Version', isNumber: true, isWide: true, cell: ({ version }) => version ?? '–' },
  { head: 'Gas', isNumber: true, isWide: true, cell: ({ gas }) => formatCount(gas) },
  { head: 'Duration', isNumber: true, isWide: true, cell: ({ wallMs }) => formatMs(wallMs) },
  { head: 'Started', isNumber: true, cell: ({ startedAt }) => <Time at={startedAt} /> },
];

export function ExecutionTable({ caption, executions, hasHandlers }: ExecutionTableProps) {
  const columns =
    hasHandlers === true ? [...COLUMNS.slice(0, 1), HANDLER, ...COLUMNS.slice(1)] : COLUMNS;
  return <Table caption={caption} columns={columns} rows={executions} keyOf={({ id }) => id} />;
}
