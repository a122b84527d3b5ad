/** The declaration of an endpoint: its inputs, required user, response, and the function that handles it. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static, type TObject, type TProperties, type TSchema } from 'typebox';
import { insertAuditEvent, type AuditTarget } from '../db/accounts/audit.ts';
import type { Queryable } from '../db/connection/database.ts';
import type { ProblemCode } from '../problems/problems.ts';
import type { Caller, UserNeed } from './auth/caller.ts';
import { readerOf } from './request-validation.ts';
import type { Services } from './services.ts';

/** A group of endpoints in the API reference. */
export interface RouteGroup {
  readonly tag: string;
  readonly description: string;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The successful response. Without a schema: no body, or one of another type than JSON. */
export interface Success<R extends TSchema> {
  readonly status: 200 | 201 | 204 | 302;
  readonly description: string;
  readonly schema?: R;
  /** The media type, if it is not JSON: `application/wasm`. */
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
  /** Parameters are written as `:name`. */
  readonly path: string;
  readonly resource: RouteGroup;
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  /** The headers that the endpoint reads, in lower case. Others are ignored. */
  readonly headers?: H;
  readonly body?: B;
  /** The body is a module, raw or as a part named `module`; the handler reads it. */
  readonly takesModule?: true;
  /** The body is a form: JSON of this schema in the part `deployment`, and an optional module in the part `module`. */
  readonly form?: TSchema;
  readonly success: Success<R>;
  /** Opened in a browser: problems are sent as pages if the request accepts HTML. */
  readonly isPage?: true;
  /** Problems besides those of every endpoint of its kind. */
  readonly problems?: readonly ProblemCode[];
}

interface RouteInput<P extends TObject, Q extends TObject, B extends TSchema, H extends TObject> {
  readonly params: Static<P>;
  readonly query: Static<Q>;
  readonly headers: Static<H>;
  readonly body: Static<B>;
  readonly services: Services;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type RouteResult<R extends TSchema> = Promise<Static<R> | FastifyReply>;

/** Makes a change and writes its audit event in one transaction. */
export type Change = <T>(
  work: (tx: Queryable) => Promise<T>,
  /** Returns what was changed; undefined if nothing was, which writes no event. */
  target: (result: T) => AuditTarget | undefined,
) => Promise<T>;

/** An endpoint that requires no user. `open` says why. */
export interface OpenSpec<
  P extends TObject,
  Q extends TObject,
  B extends TSchema,
  R extends TSchema,
  H extends TObject,
> extends Parts<P, Q, B, R, H> {
  readonly open: string;
  handle(input: RouteInput<P, Q, B, H>): RouteResult<R>;
}

/** An endpoint that requires a user. */
export interface UserSpec<
  P extends TObject,
  Q extends TObject,
  B extends TSchema,
  R extends TSchema,
  H extends TObject,
> extends Parts<P, Q, B, R, H> {
  readonly user: UserNeed;
  /** The action in the audit log. Required if the endpoint changes something. */
  readonly audit?: string;
  /** Set for a POST that only reads, and therefore writes no audit event. */
  readonly changesNothing?: true;
  handle(
    input: RouteInput<P, Q, B, H> & { readonly user: Caller; readonly change: Change },
  ): RouteResult<R>;
}

/** An endpoint without its type parameters, for the app and the API reference. */
export interface Route extends Parts<TObject, TObject, TSchema, TSchema, TObject> {
  readonly open?: string;
  readonly user?: UserNeed;
  readonly audit?: string;
  readonly changesNothing?: true;
  /** `caller` is defined if `user` is. */
  answer(
    services: Services,
    request: FastifyRequest,
    reply: FastifyReply,
    caller?: Caller,
  ): Promise<unknown>;
}

/** An object schema that accepts no other fields. */
export function closed<P extends TProperties>(
  properties: P,
  options: { readonly minProperties?: number; readonly description?: string } = {},
): TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

const NOTHING = closed({});
/** For endpoints without a body. */
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
      if (user === undefined)
        throw new Error('an endpoint that requires a user was called without one');
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
): (
  request: FastifyRequest,
) => Pick<RouteInput<P, Q, B, H>, 'params' | 'query' | 'headers' | 'body'> {
  // The type of a part that is not declared defaults to an empty object, which is what is accepted then.
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
