import type { Statistics } from '../../client/index.ts';
import { formatCount, formatGas, formatMs } from '../components/text/format.ts';
import { Table } from '../components/table.tsx';
import { formatStep, type Period } from './periods.ts';

export interface FigureTableProps {
  readonly buckets: Statistics['buckets'];
  readonly period: Period;
}

/** What the charts show, in words and figures; steps without a run are left out. */
export function FigureTable({ buckets, period }: FigureTableProps) {
  const busy = buckets.filter(({ runs }) => runs > 0).toReversed();
  return (
    <details class="figure-table">
      <summary>The figures as a table</summary>
      {busy.length === 0 ? (
        <p class="muted">There was no run in this time.</p>
      ) : (
        <Table
          caption="Runs, failures, times and gas by step, the latest first"
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
            { head: 'Gas', isNumber: true, isWide: true, cell: ({ gas }) => formatGas(gas) },
          ]}
        />
      )}
    </details>
  );
}

function formatOr(ms: number | null): string {
  return ms === null ? '–' : formatMs(ms);
}
