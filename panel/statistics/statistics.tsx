/** Runs, failures, durations and gas in the last hour, day or week, for all handlers or one. */
import { useLocation } from 'preact-iso';
import { useMemo } from 'preact/hooks';
import { take, type ApiStatistics } from '../../client/index.ts';
import { api } from '../api.ts';
import { formatCount, formatMs, formatShort } from '../../olin/quantities.ts';
import { withQuery } from '../components/controls/pager.tsx';
import { Resource, useResource } from '../components/resource.tsx';
import { useRefresh } from '../components/hooks/use-refresh.ts';
import { Chart } from './chart.tsx';
import { FigureTable } from './figure-table.tsx';
import { formatStep, formatTick, PERIODS, readPeriod, type Period } from './periods.ts';
import './statistics.css';

/** Refresh interval while the page is visible. */
export const REFRESH_MS = 20_000;

/** @param handler name of the handler; if undefined, all handlers */
export function StatisticsView({ handler }: { readonly handler?: string }) {
  const { query } = useLocation();
  const period = readPeriod(query['period']);
  const loading = useResource(
    (signal) =>
      take(
        api.GET('/api/statistics', {
          params: { query: { period, ...(handler === undefined ? {} : { handler }) } },
          signal,
        }),
      ),
    [period, handler],
  );
  useRefresh(loading, REFRESH_MS);
  return (
    <section class="statistics" aria-label="Statistics">
      <PeriodLinks period={period} />
      <Resource of={loading} lines={8}>
        {(value) => <Figures value={value} period={period} />}
      </Resource>
    </section>
  );
}

function PeriodLinks({ period }: { readonly period: Period }) {
  const { url } = useLocation();
  return (
    <nav class="periods" aria-label="Period">
      {PERIODS.map((each) => (
        <a
          key={each}
          href={withQuery(url, { period: each === 'hour' ? undefined : each })}
          aria-current={each === period ? 'true' : undefined}
        >
          Last {each}
        </a>
      ))}
    </nav>
  );
}

interface FiguresProps {
  readonly value: ApiStatistics;
  readonly period: Period;
}

function Figures({ value, period }: FiguresProps) {
  const { totals, buckets } = value;
  const columns = useMemo(() => toColumns(buckets), [buckets]);
  const formats = useMemo(
    () => ({
      formatTime: (seconds: number) => formatStep(seconds, period),
      formatTick: (seconds: number) => formatTick(seconds, period),
    }),
    [period],
  );
  const share = totals.runs === 0 ? '' : ` ${((totals.failures / totals.runs) * 100).toFixed(1)}%`;
  return (
    <>
      <dl class="totals">
        <Total name="Runs" value={formatCount(totals.runs)} />
        <Total
          name="Failures"
          value={formatCount(totals.failures)}
          more={share}
          isBad={totals.failures > 0}
        />
        <Total name="p50" value={totals.p50Ms === null ? '–' : formatMs(totals.p50Ms)} />
        <Total name="p99" value={totals.p99Ms === null ? '–' : formatMs(totals.p99Ms)} />
        <Total name="Gas" value={formatShort(totals.gas)} title={formatCount(totals.gas)} />
      </dl>
      <div class="charts">
        <Chart
          title="Runs"
          kind="bars"
          times={columns.times}
          series={columns.runs}
          format={formatShort}
          {...formats}
        />
        <Chart
          title="Duration"
          kind="lines"
          times={columns.times}
          series={columns.times50And99}
          format={formatMs}
          {...formats}
        />
        <Chart
          title="Gas"
          kind="bars"
          times={columns.times}
          series={columns.gas}
          format={formatShort}
          {...formats}
        />
      </div>
      <FigureTable buckets={buckets} period={period} />
    </>
  );
}

interface TotalProps {
  readonly name: string;
  readonly value: string;
  readonly more?: string;
  readonly title?: string;
  readonly isBad?: boolean;
}

function Total({ name, value, more = '', title, isBad = false }: TotalProps) {
  return (
    <div class={isBad ? 'is-bad' : undefined}>
      <dt>{name}</dt>
      <dd title={title}>
        {value}
        {more === '' ? null : <small>{more}</small>}
      </dd>
    </div>
  );
}

/** Converts buckets to columns for uPlot: the times, and one column per series. */
function toColumns(buckets: ApiStatistics['buckets']) {
  return {
    times: buckets.map(({ at }) => Date.parse(at) / 1000),
    // Failures are drawn over the runs, which include them.
    runs: [
      { name: 'runs', color: '--series-runs', values: buckets.map(({ runs }) => runs) },
      { name: 'failures', color: '--series-bad', values: buckets.map((each) => each.failures) },
    ],
    times50And99: [
      { name: 'p50', color: '--series-runs', values: buckets.map(({ p50Ms }) => p50Ms) },
      { name: 'p99', color: '--series-slow', values: buckets.map(({ p99Ms }) => p99Ms) },
    ],
    gas: [{ name: 'gas', color: '--series-gas', values: buckets.map(({ gas }) => gas) }],
  } as const;
}
