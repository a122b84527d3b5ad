/** One endpoint: what it takes, what it asks of its user, what it gives back, and the function that does it. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static, type TObject, type TProperties, type TSchema } from 'typebox';
import { insertAuditEvent, type AuditTarget } from '../db/accounts/audit.ts';
import type { Queryable } from '../db/connection/database.ts';
import type { ProblemCode } from '../problems/problems.ts';
import type { Caller, UserNeed } from './auth/caller.ts';
import { readerOf } from './request-validation.ts';
import type { Services } from './services.ts';

/** A group of endpoints, as the reference shows it. */
export interface Resource {
  readonly tag: string;
  readonly description: string;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What comes back where all goes well. Without a schema: no body, or one of another type. */
export interface Success<R extends TSchema> {
  readonly status: 200 | 201 | 204 | 302;
  readonly description: string;
  readonly schema?: R;
  /** Other than JSON, such as `application/wasm`. */
  readonly contentType?: string;
}

interface Parts<
  P extends TObject,
  Q extends TObject,
  B extends TSchema,
  R extends TSchema,
  H extends TObject,
> {
  readonly method: Method;
  /** With `:name` where a parameter stands. */
  readonly path: string;
  readonly resource: Resource;
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  /** Those that mean something here, in lower case; others pass. */
  readonly headers?: H;
  readonly body?: B;
  /** The body is a module, raw or as a part named `module`; the handler reads it. */
  readonly takesModule?: true;
  /** The body is a form: JSON of this schema in the part `deployment`, and perhaps a module in the part `module`. */
  readonly form?: TSchema;
  readonly success: Success<R>;
  /** A person's browser opens it: problems are pages there, if the request accepts HTML. */
  readonly isPage?: true;
  /** Besides those that every endpoint of its kind may give. */
  readonly problems?: readonly ProblemCode[];
}

interface Given<P extends TObject, Q extends TObject, B extends TSchema, H extends TObject> {
  readonly params: Static<P>;
  readonly query: Static<Q>;
  readonly headers: Static<H>;
  readonly body: Static<B>;
  readonly services: Services;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type Answer<R extends TSchema> = Promise<Static<R> | FastifyReply>;

/** Does a change in one transaction, with its line in the audit log. */
export type Change = <T>(
  work: (tx: Queryable) => Promise<T>,
  /** Undefined where nothing came of it. */
  target: (result: T) => AuditTarget | undefined,
) => Promise<T>;

/** For a request that names no user; the reason is part of the declaration. */
export interface OpenSpec<
  P extends TObject,
  Q extends TObject,
  B extends TSchema,
  R extends TSchema,
  H extends TObject,
> extends Parts<P, Q, B, R, H> {
  readonly open: string;
  handle(given: Given<P, Q, B, H>): Answer<R>;
}

/** For a user: the handler is given the user by naming it. */
export interface UserSpec<
  P extends TObject,
  Q extends TObject,
  B extends TSchema,
  R extends TSchema,
  H extends TObject,
> extends Parts<P, Q, B, R, H> {
  readonly user: UserNeed;
  /** What the audit log calls it. Every endpoint that changes something has one. */
  readonly audit?: string;
  /** Of a POST that only looks: it has no line in the audit log. */
  readonly changesNothing?: true;
  handle(given: Given<P, Q, B, H> & { readonly user: Caller; readonly change: Change }): Answer<R>;
}

/** An endpoint as the app serves it and the reference describes it. */
export interface Route extends Parts<TObject, TObject, TSchema, TSchema, TObject> {
  readonly open?: string;
  readonly user?: UserNeed;
  readonly audit?: string;
  readonly changesNothing?: true;
  /** `caller` is there where `user` is. */
  answer(
    services: Services,
    request: FastifyRequest,
    reply: FastifyReply,
    caller?: Caller,
  ): Promise<unknown>;
}

/** An object that takes no other fields. */
export function closed<P extends TProperties>(
  properties: P,
  options: { readonly minProperties?: number; readonly description?: string } = {},
): TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

const NOTHING = closed({});
/** Where a body is not taken; a module is read by its endpoint. */
const NO_BODY = Type.Union([Type.Undefined(), Type.Null()]);
const ANYTHING = Type.Unknown();

type Nothing = typeof NOTHING;

export function openRoute<
  P extends TObject = Nothing,
  Q extends TObject = Nothing,
  B extends TSchema = TSchema,
  R extends TSchema = TSchema,
  H extends TObject = Nothing,
>(spec: OpenSpec<P, Q, B, R, H>): Route {
  const read = readerOfParts(spec);
  return {
    ...spec,
    answer: async (services, request, reply) =>
      spec.handle({ ...read(request), services, request, reply }),
  };
}

export function userRoute<
  P extends TObject = Nothing,
  Q extends TObject = Nothing,
  B extends TSchema = TSchema,
  R extends TSchema = TSchema,
  H extends TObject = Nothing,
>(spec: UserSpec<P, Q, B, R, H>): Route {
  const read = readerOfParts(spec);
  return {
    ...spec,
    async answer(services, request, reply, user) {
      if (user === undefined) throw new Error('a user’s endpoint was called without one');
      const change: Change = async (work, target) => {
        const action = spec.audit;
        if (action === undefined)
          throw new Error(`${spec.path} changes something and has no audit`);
        return services.db.transaction(async (tx) => {
          const result = await work(tx);
          const changed = target(result);
          if (changed !== undefined) {
            await insertAuditEvent(tx, {
              actorId: user.id,
              tokenId: user.tokenId,
              action,
              target: changed,
              address: request.ip,
            });
          }
          return result;
        });
      };
      return spec.handle({ ...read(request), services, request, reply, user, change });
    },
  };
}

function readerOfParts<
  P extends TObject,
  Q extends TObject,
  B extends TSchema,
  R extends TSchema,
  H extends TObject,
>(
  spec: Parts<P, Q, B, R, H>,
): (request: FastifyRequest) => Pick<Given<P, Q, B, H>, 'params' | 'query' | 'headers' | 'body'> {
  // Where a part is not declared, its type is that of nothing, and nothing is what is taken.
  const params = readerOf((spec.params ?? NOTHING) as P, 'params');
  const query = readerOf((spec.query ?? NOTHING) as Q, 'query');
  const headers = readerOf((spec.headers ?? NOTHING) as H, 'headers');
  const known = Object.keys(spec.headers?.properties ?? {});
  const body = readerOf(
    (spec.body ?? (spec.takesModule === true ? ANYTHING : NO_BODY)) as B,
    'body',
  );
  return (request) => ({
    params: params(request.params),
    query: query(request.query),
    headers: headers(pick(request.headers, known)),
    body: body(request.body),
  });
}

function pick(
  headers: FastifyRequest['headers'],
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  );
}
