/** The filter of a list of executions, stored in the query string. */
import type { operations } from '../../../client/schema.ts';
import { CURSOR } from '../../components/controls/pager.tsx';
import { isHttpClass, isStatus } from '../status-badge.tsx';

type Query = NonNullable<operations['get_executions']['parameters']['query']>;
type QueryParameters = Readonly<Record<string, string>>;

/** Names of the query parameters. */
export const FILTER = {
  status: 'status',
  http: 'http',
  text: 'text',
  since: 'since',
  until: 'until',
} as const;

/** Converts the parameters to an API query. Invalid values are ignored. */
export function toQuery(parameters: QueryParameters, handler: string): Query {
  const status = parameters[FILTER.status] ?? '';
  const http = parameters[FILTER.http] ?? '';
  const text = parameters[FILTER.text] ?? '';
  const since = parseTime(parameters[FILTER.since]);
  const until = parseTime(parameters[FILTER.until]);
  const cursor = parameters[CURSOR];
  return {
    handler,
    ...(isStatus(status) ? { status } : {}),
    ...(isHttpClass(http) ? { http } : {}),
    ...(text === '' ? {} : { text }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

export function isFiltered(parameters: QueryParameters): boolean {
  return Object.values(FILTER).some((name) => (parameters[name] ?? '') !== '');
}

function parseTime(text: string | undefined): string | undefined {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Converts an API timestamp to the value of a datetime-local input, `2026-01-31T12:00`. */
export function toLocalInput(text: string | undefined): string {
  const date = new Date(text ?? '');
  if (Number.isNaN(date.getTime())) return '';
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** Converts the value of a datetime-local input to an API timestamp. An empty string stays empty. */
export function fromLocalInput(text: string): string {
  return parseTime(text) ?? '';
}
