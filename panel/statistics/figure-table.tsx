import type { ApiStatistics } from '../../client/index.ts';
import { formatCount, formatMs } from '../../olin/quantities.ts';
import { Table } from '../components/table.tsx';
import { formatStep, type Period } from './periods.ts';

export interface FigureTableProps {
  readonly buckets: ApiStatistics['buckets'];
  readonly period: Period;
}

/** The data of the charts as a table. Intervals without runs are omitted. */
export function FigureTable({ buckets, period }: FigureTableProps) {
  const busy = buckets.filter(({ runs }) => runs > 0).toReversed();
  return (
    <details class="figure-table">
      <summary>Show as table</summary>
      {busy.length === 0 ? (
        <p class="muted">No runs in this period.</p>
      ) : (
        <Table
          caption="Runs, failures, durations and gas per interval, latest first"
          rows={busy}
          keyOf={({ at }) => at}
          columns={[
            {
              head: 'From',
              isName: true,
              cell: ({ at }) => formatStep(Date.parse(at) / 1000, period),
            },
            { head: 'Runs', isNumber: true, cell: ({ runs }) => formatCount(runs) },
            { head: 'Failures', isNumber: true, cell: ({ failures }) => formatCount(failures) },
            { head: 'p50', isNumber: true, cell: ({ p50Ms }) => formatOr(p50Ms) },
            { head: 'p99', isNumber: true, cell: ({ p99Ms }) => formatOr(p99Ms) },
            { head: 'Gas', isNumber: true, isWide: true, cell: ({ gas }) => formatCount(gas) },
          ]}
        />
      )}
    </details>
  );
}

function formatOr(ms: number | null): string {
  return ms === null ? '–' : formatMs(ms);
}
