/** The system calls of a run, in order, each as a bar on one scale of time. */
import { useState } from 'preact/hooks';
import type { TracedCall } from '../../client/index.ts';
import { Button } from '../components/controls/button.tsx';
import { formatCount, formatMs } from '../components/text/format.ts';
import { makeVisible } from '../components/text/guest-text.tsx';
import './trace-timeline.css';

export interface TraceTimelineProps {
  readonly trace: readonly TracedCall[];
  /** How long the run took; the scale's end, unless a call ended later. */
  readonly wallMs: number;
  /** Calls of the whole run; the trace keeps the first. */
  readonly callCount: number;
}

/** Drawn at once; more on demand. */
const FIRST_ROWS = 150;
/** A bar can always be seen. */
const LEAST_WIDTH = 0.4;

export function TraceTimeline({ trace, wallMs, callCount }: TraceTimelineProps) {
  const [isWhole, setWhole] = useState(false);
  const endMs = trace.reduce((most, { atMs, tookMs }) => Math.max(most, atMs + tookMs), wallMs);
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
          The first {formatCount(trace.length)} of {formatCount(callCount)} calls were kept; the
          bill counts all.
        </p>
      ) : null}
    </>
  );
}

function TraceRow({ call, endMs }: { readonly call: TracedCall; readonly endMs: number }) {
  const { name, args, result, fault, atMs, tookMs } = call;
  const share = (ms: number): number => (endMs === 0 ? 0 : (ms / endMs) * 100);
  const width = Math.max(share(tookMs), LEAST_WIDTH);
  const start = Math.min(share(atMs), 100 - width);
  return (
    <li class={fault === undefined ? undefined : 'is-fault'}>
      <span class="trace-call">
        <b>{name}</b>({args.map(showArgument).join(', ')})
        {result === undefined ? null : <span class="trace-result"> = {showValue(result)}</span>}
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

function showArgument({ name, value }: TracedCall['args'][number]): string {
  return `${name}=${showValue(value)}`;
}

/** A text in quotes, its line ends spelled out; numbers of 64 bits come as text too. */
function showValue(value: string | number): string {
  if (typeof value === 'number' || /^-?\d+$/.test(value)) return String(value);
  return makeVisible(JSON.stringify(value));
}
