/** A time-series chart on a canvas. It is hidden from screen readers, which get the data from a table. */
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { shownTheme } from '../layout/theme.ts';
import { chartOptions, type ChartSeries } from './chart-options.ts';
import './chart.css';

export interface ChartProps {
  readonly title: string;
  /** Seconds since 1970, one per interval. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly format: (value: number) => string;
  /** Formats the time of the interval under the cursor. */
  readonly formatTime: (seconds: number) => string;
  /** Formats the labels of the time axis. */
  readonly formatTick: (seconds: number) => string;
  readonly kind: 'bars' | 'lines';
}

const HEIGHT = 152;

export function Chart(props: ChartProps) {
  const { title, times, series, format, formatTime } = props;
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [pointed, setPointed] = useState<number>();
  const theme = shownTheme.value;

  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const options = chartOptions({ ...props, steps: times.length, element, onPoint: setPointed });
    const size = { width: Math.max(element.clientWidth, 120), height: HEIGHT };
    const drawn = new uPlot({ ...options, ...size }, toData(props), element);
    plot.current = drawn;
    const watcher = new ResizeObserver(() => {
      const { clientWidth: width } = element;
      if (width > 0 && width !== drawn.width) drawn.setSize({ width, height: HEIGHT });
    });
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      drawn.destroy();
    };
    // New data does not recreate the chart; the effect below passes it to the existing one.
  }, [theme, props.kind, formatTime]);
  useEffect(() => plot.current?.setData(toData(props)), [times, series]);

  const at = pointed === undefined ? undefined : times[pointed];
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <ul class="chart-legend" aria-hidden="true">
          {at === undefined ? null : <li class="chart-time">{formatTime(at)}</li>}
          {series.map(({ name, color, values }) => (
            <li key={name}>
              <span class="chart-key" style={{ background: `var(${color})` }} />
              {name}
              {pointed === undefined ? null : <b>{formatOr(values[pointed], format)}</b>}
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={container} class="chart-place" aria-hidden="true" />
    </figure>
  );
}

function formatOr(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value);
}

function toData({ times, series }: ChartProps): uPlot.AlignedData {
  return [[...times], ...series.map(({ values }) => [...values])];
}
