/** Timeline of the system calls of a run. */
import { useState } from 'preact/hooks';
import type { ApiTracedCall } from '../../client/index.ts';
import { Button } from '../components/controls/button.tsx';
import { formatCount, formatMs } from '../../olin/quantities.ts';
import { makeVisible } from '../components/text/guest-text.tsx';
import './trace-timeline.css';

export interface TraceTimelineProps {
  readonly trace: readonly ApiTracedCall[];
  /** Duration of the run: the end of the scale, unless a call ended later. */
  readonly wallMs: number;
  /** Number of calls in the run, of which the trace contains the first. */
  readonly callCount: number;
}

/** Rows rendered initially; the others on demand. */
const FIRST_ROWS = 150;
/** Minimum width of a bar in percent, so that it is always visible. */
const MIN_WIDTH = 0.4;

export function TraceTimeline({ trace, wallMs, callCount }: TraceTimelineProps) {
  const [isWhole, setWhole] = useState(false);
  const endMs = trace.reduce((max, { atMs, tookMs }) => Math.max(max, atMs + tookMs), wallMs);
  const rows = isWhole ? trace : trace.slice(0, FIRST_ROWS);
  return (
    <>
      <div class="trace-scale" aria-hidden="true">
        <span>0</span>
        <span>{formatMs(endMs / 2)}</span>
        <span>{formatMs(endMs)}</span>
      </div>
      <ol class="trace">
        {rows.map((call, at) => (
          <TraceRow key={at} call={call} endMs={endMs} />
        ))}
      </ol>
      {rows.length < trace.length ? (
        <Button onClick={() => setWhole(true)}>Show all {formatCount(trace.length)}</Button>
      ) : null}
      {trace.length < callCount ? (
        <p class="muted trace-cut">
          Only the first {formatCount(trace.length)} of {formatCount(callCount)} calls were
          recorded. The bill counts all of them.
        </p>
      ) : null}
    </>
  );
}

function TraceRow({ call, endMs }: { readonly call: ApiTracedCall; readonly endMs: number }) {
  const { name, args, result, fault, atMs, tookMs } = call;
  const share = (ms: number): number => (endMs === 0 ? 0 : (ms / endMs) * 100);
  const width = Math.max(share(tookMs), MIN_WIDTH);
  const start = Math.min(share(atMs), 100 - width);
  return (
    <li class={fault === undefined ? undefined : 'is-fault'}>
      <span class="trace-call">
        <b>{name}</b>({args.map(formatArgument).join(', ')})
        {result === undefined ? null : <span class="trace-result"> = {formatValue(result)}</span>}
        {fault === undefined ? null : <span class="trace-fault"> {makeVisible(fault)}</span>}
      </span>
      <span class="trace-time">
        {formatMs(tookMs)}
        <span class="sr-only"> at {formatMs(atMs)}</span>
      </span>
      <span class="trace-lane" aria-hidden="true">
        <span style={{ insetInlineStart: `${start}%`, width: `${width}%` }} />
      </span>
    </li>
  );
}

function formatArgument({ name, value }: ApiTracedCall['args'][number]): string {
  return `${name}=${formatValue(value)}`;
}

/** Formats a value, strings in quotes with escapes. 64-bit numbers are strings in the API. */
function formatValue(value: string | number): string {
  if (typeof value === 'number' || /^-?\d+$/.test(value)) return String(value);
  return makeVisible(JSON.stringify(value));
}
