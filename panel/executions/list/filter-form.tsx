import { useLocation } from 'preact-iso';
import { useLayoutEffect, useState } from 'preact/hooks';
import { Button } from '../../components/controls/button.tsx';
import { Field, SelectField, TextField } from '../../components/controls/field.tsx';
import { CURSOR, withQuery } from '../../components/controls/pager.tsx';
import { FILTER, fromLocalInput, isFiltered, toLocalInput } from './filter.ts';
import { HTTP_CHOICES, isHttpClass, isStatus, STATUSES } from '../status-badge.tsx';

const CHOICES = [
  ['', 'Any'] as const,
  ...Object.keys(STATUSES).map((status) => [status, status] as const),
];

/** Filters by status, HTTP status class, time and log text. The filter is in the URL, so it can be shared and undone with Back. */
export function FilterForm() {
  const { url, query, route } = useLocation();
  const status = query[FILTER.status] ?? '';
  const http = query[FILTER.http] ?? '';
  const [text, setText] = useState('');
  const [since, setSince] = useState('');
  const [until, setUntil] = useState('');
  // In a layout effect, before the user can type, so that no input is overwritten.
  useLayoutEffect(() => {
    setText(query[FILTER.text] ?? '');
    setSince(toLocalInput(query[FILTER.since]));
    setUntil(toLocalInput(query[FILTER.until]));
  }, [url]);
  const applyFilter = (changes: Readonly<Record<string, string>>): void =>
    route(withQuery(url, { ...changes, [CURSOR]: undefined }));
  const typed = {
    [FILTER.text]: text,
    [FILTER.since]: fromLocalInput(since),
    [FILTER.until]: fromLocalInput(until),
  };
  return (
    <form
      class="filter field-row"
      aria-label="Filter executions"
      onSubmit={(event) => {
        event.preventDefault();
        applyFilter(typed);
      }}
    >
      <SelectField
        label="Status"
        value={isStatus(status) ? status : ''}
        choices={CHOICES}
        onChoose={(chosen) => applyFilter({ ...typed, [FILTER.status]: chosen })}
      />
      <SelectField
        label="HTTP"
        value={isHttpClass(http) ? http : ''}
        choices={HTTP_CHOICES}
        onChoose={(chosen) => applyFilter({ ...typed, [FILTER.http]: chosen })}
      />
      <TextField label="Log contains" value={text} onInput={setText} maxLength={200} />
      <TimeField label="From" value={since} onInput={setSince} />
      <TimeField label="Before" value={until} onInput={setUntil} />
      <Button type="submit">Filter</Button>
      {isFiltered(query) ? (
        <Button
          kind="quiet"
          onClick={() => applyFilter({ ...blank(typed), [FILTER.status]: '', [FILTER.http]: '' })}
        >
          Clear
        </Button>
      ) : null}
    </form>
  );
}

interface TimeFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

function TimeField({ label, value, onInput }: TimeFieldProps) {
  return (
    <Field label={label}>
      {(attributes) => (
        <input
          {...attributes}
          class="input"
          type="datetime-local"
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

function blank(typed: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(typed).map((name) => [name, '']));
}
