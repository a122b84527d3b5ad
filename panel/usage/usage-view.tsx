import { useMemo } from 'preact/hooks';
import type { ApiUsageDay } from '../../client/index.ts';
import { formatBytes, formatCount, formatMs, formatShort } from '../../olin/quantities.ts';
import { Table } from '../components/table.tsx';
import { Chart } from '../statistics/chart.tsx';
import '../statistics/statistics.css';
import { sumByDay, sumByHandler, type DayRange, type DaySum, type HandlerSum } from './sums.ts';

export interface UsageViewProps {
  readonly rows: readonly ApiUsageDay[];
  readonly range: DayRange;
}

const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const formatDay = (seconds: number): string => date.format(new Date(seconds * 1000));

export function UsageView({ rows, range }: UsageViewProps) {
  const days = useMemo(() => sumByDay(rows, range), [rows, range]);
  const columns = useMemo(() => toColumns(days), [days]);
  const common = {
    kind: 'bars',
    times: columns.times,
    formatTime: formatDay,
    formatTick: formatDay,
  } as const;
  return (
    <>
      <div class="charts">
        <Chart title="Runs" series={columns.runs} format={formatShort} {...common} />
        <Chart title="Gas" series={columns.gas} format={formatShort} {...common} />
        <Chart title="Bytes out" series={columns.bytes} format={formatBytes} {...common} />
      </div>
      <section class="section" aria-labelledby="by-handler">
        <h2 id="by-handler">By handler</h2>
        <ByHandler sums={sumByHandler(rows)} />
      </section>
      <details class="figure-table">
        <summary>Show as table</summary>
        <ByDay days={days} />
      </details>
    </>
  );
}

function ByHandler({ sums }: { readonly sums: readonly HandlerSum[] }) {
  return (
    <Table
      caption="Usage per handler, highest gas first"
      rows={sums}
      keyOf={({ handlerId }) => handlerId}
      columns={[
        {
          head: 'Handler',
          isName: true,
          cell: ({ handlerId, name }) => (
            <a href={`/panel/handlers/${encodeURIComponent(handlerId)}`}>{name}</a>
          ),
        },
        { head: 'Runs', isNumber: true, cell: ({ runs }) => formatCount(runs) },
        { head: 'Failures', isNumber: true, cell: ({ failures }) => formatCount(failures) },
        { head: 'Gas', isNumber: true, cell: ({ gas }) => formatCount(gas) },
        { head: 'Time', isNumber: true, isWide: true, cell: ({ wallMs }) => formatMs(wallMs) },
        { head: 'In', isNumber: true, isWide: true, cell: (sum) => formatBytes(sum.bytesIn) },
        { head: 'Out', isNumber: true, isWide: true, cell: (sum) => formatBytes(sum.bytesOut) },
      ]}
    />
  );
}

function ByDay({ days }: { readonly days: readonly DaySum[] }) {
  return (
    <Table
      caption="Days with runs, latest first"
      rows={days.filter(({ runs }) => runs > 0).toReversed()}
      keyOf={({ day }) => day}
      columns={[
        { head: 'Day (UTC)', isName: true, cell: ({ day }) => <time dateTime={day}>{day}</time> },
        { head: 'Runs', isNumber: true, cell: ({ runs }) => formatCount(runs) },
        { head: 'Failures', isNumber: true, cell: ({ failures }) => formatCount(failures) },
        { head: 'Gas', isNumber: true, cell: ({ gas }) => formatCount(gas) },
        { head: 'Time', isNumber: true, isWide: true, cell: ({ wallMs }) => formatMs(wallMs) },
      ]}
    />
  );
}

function toColumns(days: readonly DaySum[]) {
  return {
    times: days.map(({ day }) => Date.parse(day) / 1000),
    // Failures are drawn over the runs, which include them.
    runs: [
      { name: 'runs', color: '--series-runs', values: days.map(({ runs }) => runs) },
      { name: 'failures', color: '--series-bad', values: days.map(({ failures }) => failures) },
    ],
    gas: [{ name: 'gas', color: '--series-gas', values: days.map(({ gas }) => gas) }],
    bytes: [{ name: 'out', color: '--series-slow', values: days.map((each) => each.bytesOut) }],
  } as const;
}
