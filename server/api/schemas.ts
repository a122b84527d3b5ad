/** Schemas shared by several endpoints. */
import { Type, type TSchema } from 'typebox';
import { HIGHEST_TIER } from '../tiers.ts';
import { closed } from './route.ts';

const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

export const Id = Type.String({
  pattern: UUID,
  minLength: 36,
  maxLength: 36,
  'x-form': 'an id as it was given',
});
export const Time = Type.String({ format: 'date-time', description: 'RFC 3339, in UTC.' });
export const Count = Type.Integer({ minimum: 0 });
/** The number of a tier. */
export const TierField = Type.Integer({ minimum: 0, maximum: HIGHEST_TIER });

export function nullable<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}

/** Free text without control characters, which would corrupt terminals and logs that show it. */
export function text(maxLength: number, description: string, minLength = 0) {
  return Type.String({
    minLength,
    maxLength,
    pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$',
    description,
    'x-form': 'without control characters',
  });
}

export const HandlerParams = closed({
  handler: Type.String({
    pattern: '^[a-z0-9-]+$',
    minLength: 1,
    maxLength: 63,
    description: 'The name or ID of a handler.',
    'x-form': 'a name, or an id as it was given',
  }),
});

/** The Idempotency-Key header of endpoints that take a module. */
export const IdempotencyKey = closed({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x2b\\x2d-\\x7e]+$',
      minLength: 1,
      maxLength: 255,
      description:
        'A unique key of your choice for one upload. If it is sent again within a day, the response has the version that was created the first time.',
      'x-form': 'of visible ASCII, without a comma',
    }),
  ),
});

export const pageFields = {
  cursor: Type.Optional(
    Type.String({
      pattern: UUID,
      minLength: 36,
      maxLength: 36,
      description: '`next` of the previous page.',
      'x-form': 'the next of the page before',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 50,
      description: 'Maximum number of entries per page.',
    }),
  ),
} as const;

export const PAGE_LIMIT = 50;

/** A page of a list. `next` is the cursor of the next page; null on the last page. */
export function pageOf<S extends TSchema>(item: S) {
  return closed({ items: Type.Array(item), next: nullable(Type.String()) });
}

/** @param limit the requested number of entries; a full page may have a successor */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
  cursor: (row: Row) => string,
): { items: Item[]; next: string | null } {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return { items: rows.map(view), next: last === undefined ? null : cursor(last) };
}

export function time(date: Date): string {
  return date.toISOString();
}

export function timeOrNull(date: Date | null): string | null {
  return date === null ? null : time(date);
}
