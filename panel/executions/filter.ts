/** What a list of executions is narrowed to; it stands in the address. */
import type { operations } from '../../client/schema.ts';
import { CURSOR } from '../components/controls/pager.tsx';
import { isHttpClass, isStatus } from './status-badge.tsx';

type Query = NonNullable<operations['get_executions']['parameters']['query']>;
type Address = Readonly<Record<string, string>>;

/** The parameters of the address. */
export const FILTER = {
  status: 'status',
  http: 'http',
  text: 'text',
  since: 'since',
  until: 'until',
} as const;

/** For the API. What cannot be understood is left out. */
export function toQuery(address: Address, handler: string): Query {
  const status = address[FILTER.status] ?? '';
  const http = address[FILTER.http] ?? '';
  const text = address[FILTER.text] ?? '';
  const since = readMoment(address[FILTER.since]);
  const until = readMoment(address[FILTER.until]);
  const cursor = address[CURSOR];
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

export function isFiltered(address: Address): boolean {
  return Object.values(FILTER).some((name) => (address[name] ?? '') !== '');
}

function readMoment(text: string | undefined): string | undefined {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** From the API's form to that of an input of local time, `2026-01-31T12:00`. */
export function toLocalInput(text: string | undefined): string {
  const date = new Date(text ?? '');
  if (Number.isNaN(date.getTime())) return '';
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** And back; empty stays empty. */
export function fromLocalInput(text: string): string {
  return readMoment(text) ?? '';
}
