/** The shapes that several endpoints share. */
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

/** A text that a person wrote; control characters would spoil what shows it. */
export function text(most: number, description: string, least = 0) {
  return Type.String({
    minLength: least,
    maxLength: most,
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
    description: 'A handler’s name, or its id.',
    'x-form': 'a name, or an id as it was given',
  }),
});

/** The header of an endpoint that takes a module. */
export const IdempotencyKey = closed({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x2b\\x2d-\\x7e]+$',
      minLength: 1,
      maxLength: 255,
      description:
        'A key that you make up for one upload. Sent again within a day, it gives the version that was made the first time.',
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
      description: '`next` of the page before.',
      'x-form': 'the next of the page before',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'Entries of a page.' }),
  ),
} as const;

export const PAGE_LIMIT = 50;

/** A page of a list. `next` is the cursor of the page after; null on the last. */
export function pageOf<S extends TSchema>(item: S) {
  return closed({ items: Type.Array(item), next: nullable(Type.String()) });
}

/** @param limit entries that were asked for; a full page may be followed by another */
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
