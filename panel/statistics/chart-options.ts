/** uPlot options: the panel's colours, and one cursor shared by all charts of a page. */
import uPlot from 'uplot';

export interface ChartSeries {
  readonly name: string;
  /** Null for an interval without a value. */
  readonly values: readonly (number | null)[];
  /** CSS custom property, such as `--good`. */
  readonly color: `--${string}`;
}

export interface ChartLook {
  /** Container of the chart, whose computed style provides the colours. */
  readonly element: HTMLElement;
  readonly series: readonly ChartSeries[];
  readonly kind: 'bars' | 'lines';
  /** Number of intervals. */
  readonly steps: number;
  readonly format: (value: number) => string;
  readonly formatTick: (seconds: number) => string;
  /** Called with the interval under the cursor, or undefined if there is none. */
  readonly onPoint: (step: number | undefined) => void;
}

/** Charts with the same key share the cursor. */
const CURSOR_KEY = 'statistics';
const LABEL_WIDTH = 52;

export function chartOptions(look: ChartLook): Omit<uPlot.Options, 'width' | 'height'> {
  const style = getComputedStyle(look.element);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const font = `11px ${style.fontFamily}`;
  const axis = {
    font,
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: CURSOR_KEY },
      y: false,
      drag: { x: false, y: false },
      points: { show: look.kind === 'lines', size: 6 },
    },
    scales: {
      // Half an interval on either side, so that no bar is clipped.
      x: { range: (_plot, first, last) => widen(first, last, look.steps) },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        gap: 7,
        space: 72,
        values: (_plot, splits) => splits.map(look.formatTick),
      },
      {
        ...axis,
        size: LABEL_WIDTH,
        space: 36,
        values: (_plot, splits) => splits.map(look.format),
      },
    ],
    series: [{}, ...look.series.map((each) => toSeries(look.kind, each.name, color(each.color)))],
    hooks: { setCursor: [({ cursor }) => look.onPoint(cursor.idx ?? undefined)] },
  };
}

function widen(first: number, last: number, steps: number): [number, number] {
  const half = steps < 2 ? 30 : (last - first) / (steps - 1) / 2;
  return [first - half, last + half];
}

/** Finds values without neighbours, which are drawn as dots because a line cannot show them. */
function findIsolated(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  return Array.from(values, (value, at) => {
    const isIsolated =
      value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
    return isIsolated ? at : -1;
  }).filter((at) => at >= 0);
}

function toSeries(kind: ChartLook['kind'], label: string, color: string): uPlot.Series {
  if (kind === 'lines') {
    const points = { size: 4, fill: color, show: true, filter: findIsolated };
    return { label, stroke: color, width: 1.5, points };
  }
  const paths = uPlot.paths.bars?.({ size: [0.72, 24], radius: 0.15 });
  return {
    label,
    fill: color,
    width: 0,
    points: { show: false },
    ...(paths === undefined ? {} : { paths }),
  };
}
