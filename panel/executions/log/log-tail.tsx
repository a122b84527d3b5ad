/** Live log of a handler. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiExecutionStatus } from '../../../client/index.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/controls/button.tsx';
import { SelectField, TextField } from '../../components/controls/field.tsx';
import { formatMs, formatShort } from '../../../olin/quantities.ts';
import { GuestText } from '../../components/text/guest-text.tsx';
import { Icon } from '../../components/icon.tsx';
import { Problem } from '../../components/resource.tsx';
import { LogLines } from './log-lines.tsx';
import { requestLine } from '../request-line.ts';
import { HTTP_CHOICES, isStatus, StatusBadge, type HttpClass } from '../status-badge.tsx';
import { useTail, type TailEntry, type TailState } from './tail.ts';
import './log-tail.css';

const CHOICES = [
  ['', 'All'],
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['stopped', 'stopped'],
  ['timed-out', 'timed-out'],
] as const;

/** Debounce delay of the search, because each search opens a new stream. */
const DEBOUNCE_MS = 400;

export function LogTail({ handler }: { readonly handler: string }) {
  const [status, setStatus] = useState<ApiExecutionStatus | ''>('');
  const [http, setHttp] = useState<HttpClass | ''>('');
  const [typed, setTyped] = useState('');
  const text = useDebounced(typed);
  const { entries, state, error, clear } = useTail({ handler, status, http, text });
  /** The entries at the time of pausing; undefined unless paused. */
  const [pausedAt, setPausedAt] = useState<readonly TailEntry[]>();
  const shown = pausedAt ?? entries;
  const isPaused = pausedAt !== undefined;
  const heldCount = isPaused ? countAfter(entries, pausedAt.at(-1)) : 0;
  return (
    <section class="section" aria-labelledby="tail">
      <div class="tail-head">
        <h2 id="tail">
          Live log <TailBadge state={state} isPaused={isPaused} />
        </h2>
        <div class="field-row">
          <SelectField
            label="Status"
            value={CHOICES.find(([each]) => each === status)?.[0] ?? ''}
            choices={CHOICES}
            onChoose={(chosen) => setStatus(isStatus(chosen) ? chosen : '')}
          />
          <SelectField label="HTTP" value={http} choices={HTTP_CHOICES} onChoose={setHttp} />
          <TextField label="Log contains" value={typed} onInput={setTyped} maxLength={200} />
          <Button onClick={() => setPausedAt(isPaused ? undefined : entries)}>
            <Icon name={isPaused ? 'play' : 'pause'} />
            {isPaused ? `Resume${heldCount > 0 ? ` (${heldCount} more)` : ''}` : 'Pause'}
          </Button>
          <Button kind="quiet" disabled={isPaused || entries.length === 0} onClick={clear}>
            Clear
          </Button>
        </div>
      </div>
      {error === undefined ? <Lines entries={shown} /> : <Problem error={error} />}
    </section>
  );
}

/** Counts the entries after `last`, or all if `last` is undefined or was evicted. */
function countAfter(entries: readonly TailEntry[], last: TailEntry | undefined): number {
  const at = entries.findIndex(({ execution }) => execution.id === last?.execution.id);
  return entries.length - 1 - at;
}

function TailBadge({ state, isPaused }: { readonly state: TailState; readonly isPaused: boolean }) {
  if (isPaused) return <Badge tone="warn">paused</Badge>;
  if (state === 'open') return <Badge tone="good">live</Badge>;
  if (state === 'failed') return <Badge tone="bad">ended</Badge>;
  return <Badge tone="warn">{state === 'waiting' ? 'reconnecting' : 'connecting'}</Badge>;
}

function Lines({ entries }: { readonly entries: readonly TailEntry[] }) {
  const container = useRef<HTMLDivElement>(null);
  /** New entries scroll the view only if it is at the end. */
  const isAtEnd = useRef(true);
  useEffect(() => {
    const element = container.current;
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [entries]);
  return (
    <div
      ref={container}
      class="tail"
      role="log"
      aria-label="Live log"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
    >
      {entries.length === 0 ? (
        <p class="tail-none">Runs and their logs appear here when they end.</p>
      ) : (
        entries.map((entry) => <Entry key={entry.execution.id} entry={entry} />)
      )}
    </div>
  );
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

function Entry({ entry }: { readonly entry: TailEntry }) {
  const { execution, log } = entry;
  const { id, status, httpStatus, gas, wallMs, startedAt } = execution;
  return (
    <article class="tail-entry">
      <p>
        <time dateTime={startedAt}>{clock.format(new Date(startedAt))}</time>
        <StatusBadge status={status} httpStatus={httpStatus} />
        <a class="mono" href={`/panel/executions/${id}`}>
          <GuestText text={requestLine(execution)} />
        </a>
        <span class="tail-figures">
          {httpStatus ?? '–'} · {formatMs(wallMs)} · {formatShort(gas)} gas
        </span>
      </p>
      {log === undefined || log.length === 0 ? null : <LogLines lines={log} />}
    </article>
  );
}

function useDebounced(text: string): string {
  const [debounced, setDebounced] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setDebounced(text), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return debounced;
}
