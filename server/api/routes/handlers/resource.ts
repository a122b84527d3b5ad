import { Type } from 'typebox';
import type { Queryable } from '../../../db/connection/database.ts';
import { findHandler, type HandlerRow } from '../../../db/handlers/handlers.ts';
import { ProblemError } from '../../../problems/problems.ts';
import type { Caller } from '../../auth/caller.ts';
import { NAME_FORM, NAME_PATTERN } from '../../handlers/names.ts';
import { closed, type RouteGroup } from '../../route.ts';
import { Id, nullable, text, time, Time, timeOrNull } from '../../schemas.ts';
import type { Config } from '../../../config.ts';

export const HANDLERS: RouteGroup = {
  tag: 'Handlers',
  description: 'Deployed functions, by name.',
};

export const Mode = Type.Union([Type.Literal('sync'), Type.Literal('async')], {
  description:
    'Whether callers wait for the response (sync) or get the address of the call (async).',
});

export const handlerFields = {
  name: Type.String({
    pattern: NAME_PATTERN,
    minLength: 1,
    maxLength: 63,
    description: 'A DNS label, unique among handlers that are not deleted.',
    'x-form': NAME_FORM,
  }),
  description: text(500, 'A description of the handler.'),
  mode: Mode,
  private: Type.Boolean({ description: 'Whether callers need a token with `handlers:call`.' }),
  trace: Type.Boolean({
    description:
      'Whether to record the first system calls of each run, the headers, and the first bytes of the request body. Makes runs slightly slower.',
  }),
} as const;

export const HandlerView = closed({
  id: Id,
  name: Type.String(),
  description: Type.String(),
  mode: Mode,
  private: Type.Boolean(),
  trace: handlerFields.trace,
  url: Type.String({ description: 'The URL to call.' }),
  hasPolicy: Type.Boolean(),
  activeVersion: nullable(Type.Integer()),
  deletedAt: nullable(Time),
  createdAt: Time,
  updatedAt: Time,
});

export function viewHandler(config: Config, handler: HandlerRow) {
  return {
    id: handler.id,
    name: handler.name,
    description: handler.description,
    mode: handler.mode,
    private: handler.isPrivate,
    trace: handler.keepsTrace,
    url: `${config.runOrigin}/run/${handler.name}/`,
    hasPolicy: handler.policy !== null,
    activeVersion: handler.activeVersion,
    deletedAt: timeOrNull(handler.deletedAt),
    createdAt: time(handler.createdAt),
    updatedAt: time(handler.updatedAt),
  };
}

/**
 * Finds a handler of the caller, deleted or not. Throws `not-found` otherwise, also for another user's handler.
 * @param lock locks its row until the transaction ends
 */
export async function ownHandler(
  db: Queryable,
  user: Caller,
  nameOrId: string,
  lock = false,
): Promise<HandlerRow> {
  return found(await findHandler(db, user.id, nameOrId, lock));
}

/** Finds and locks a handler for a change. Throws `conflict` if it is deleted. */
export async function livingHandler(
  tx: Queryable,
  user: Caller,
  nameOrId: string,
): Promise<HandlerRow> {
  const handler = await ownHandler(tx, user, nameOrId, true);
  if (handler.deletedAt !== null) {
    throw new ProblemError('conflict', 'The handler is deleted. Restore it first.');
  }
  return handler;
}

function found(handler: HandlerRow | undefined): HandlerRow {
  if (handler !== undefined) return handler;
  throw new ProblemError(
    'not-found',
    'You have no handler with this name or ID. Deleted handlers are found only by ID.',
  );
}
