/** Generates the OpenAPI document from the endpoints' declarations. */
import { Type, type TSchema } from 'typebox';
import type { Config } from '../../config.ts';
import { PROBLEMS, type ProblemCode } from '../../problems/problems.ts';
import { VERSION } from '../../../olin/index.ts';
import { SCOPES } from '../../auth/scopes.ts';
import { problemType } from '../errors.ts';
import { closed, type Route } from '../route.ts';
import { links, operationId } from './openapi-links.ts';

type Json = Readonly<Record<string, unknown>>;

/** Problems of every endpoint. */
const COMMON: readonly ProblemCode[] = [
  'invalid-request',
  'too-many-requests',
  'internal',
  'unavailable',
  'unsupported-media-type',
];
/** Problems of endpoints that require a user. */
const OF_USERS: readonly ProblemCode[] = [
  'sign-in-required',
  'invalid-token',
  'account-locked',
  'missing-scope',
];
/** Problems of endpoints that take a body. */
const OF_BODIES: readonly ProblemCode[] = ['malformed-body', 'too-large'];

export function describeApi(
  routes: readonly Route[],
  config: Pick<Config, 'webOrigin' | 'docsOrigin'>,
): Json {
  const tags = new Map(routes.map(({ resource }) => [resource.tag, resource.description]));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Trisiel API',
      version: VERSION,
      description:
        'Deploy functions as WebAssembly modules. Every error is a problem document (RFC 9457) whose `type` is the address of its documentation page. Unknown fields are refused.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: config.webOrigin }],
    tags: [...tags].map(([name, description]) => ({ name, description })),
    paths: Object.fromEntries(
      [...Map.groupBy(routes, ({ path }) => toTemplate(path))].map(([path, there]) => [
        path,
        Object.fromEntries(
          there.map((route) => [
            route.method.toLowerCase(),
            describeRoute(route, routes, config.docsOrigin),
          ]),
        ),
      ]),
    ),
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `A token. Scopes: ${Object.entries(SCOPES)
            .map(([scope, what]) => `\`${scope}\` ${what}`)
            .join(' ')}`,
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'trisiel_session',
          description: 'The session cookie of a browser.',
        },
      },
      schemas: { Problem: PROBLEM },
    },
  };
}

const PROBLEM = Type.Object(
  {
    type: Type.String({
      format: 'uri',
      description: 'The address of the documentation page of this kind of problem.',
    }),
    title: Type.String({ description: 'The kind of problem.' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'What is wrong and what to do.' }),
    code: Type.Enum(Object.keys(PROBLEMS)),
    requestId: Type.String({ description: 'Identifies the request in the server’s log.' }),
    errors: Type.Optional(
      Type.Array(closed({ field: Type.String(), found: Type.String(), allowed: Type.String() })),
    ),
  },
  { additionalProperties: false },
);

/** Converts `/a/:b` to `/a/{b}`. */
export function toTemplate(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

/** All problems that an endpoint can return, by status. */
export function problemsOf(route: Route): readonly ProblemCode[] {
  const codes = new Set<ProblemCode>([...COMMON, ...(route.problems ?? [])]);
  if (route.user !== undefined) for (const code of OF_USERS) codes.add(code);
  if (route.user?.admin === true) codes.add('admin-only');
  if (route.user?.session === true) codes.add('session-required');
  if (route.user?.tier !== undefined) codes.add('tier-too-low');
  if (route.user !== undefined && route.method !== 'GET') codes.add('foreign-origin');
  if (route.body !== undefined || route.takesModule === true || route.method !== 'GET') {
    for (const code of OF_BODIES) codes.add(code);
  }
  return [...codes].sort((a, b) => PROBLEMS[a].status - PROBLEMS[b].status);
}

function describeRoute(route: Route, routes: readonly Route[], docsOrigin: string): Json {
  const { user, open, success } = route;
  const needs = [
    ...(user === undefined ? [open ?? ''] : [`Scope \`${user.scope}\`.`]),
    ...(user?.tier === undefined ? [] : [`Tier ${user.tier} or higher.`]),
    ...(user?.admin === true ? ['For administrators.'] : []),
    ...(user?.session === true ? ['Requires a session; tokens are refused.'] : []),
  ];
  return {
    operationId: operationId(route),
    tags: [route.resource.tag],
    summary: route.summary,
    description: [route.description ?? '', needs.join(' ')]
      .filter((text) => text !== '')
      .join('\n\n'),
    security: securityOf(user),
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...parametersOf(route.headers, 'header'),
    ],
    ...(route.body === undefined && route.takesModule !== true
      ? {}
      : { requestBody: describeBody(route) }),
    responses: {
      [success.status]: {
        description: success.description,
        headers: success.status === 302 ? { location: { schema: { type: 'string' } } } : {},
        ...contentOf(success.schema, success.contentType),
        links: links(route, routes),
      },
      ...describeProblems(route, docsOrigin),
    },
  };
}

function securityOf(user: Route['user']): Json[] {
  if (user === undefined) return [];
  return user.session === true ? [{ session: [] }] : [{ token: [] }, { session: [] }];
}

function contentOf(schema: TSchema | undefined, contentType: string | undefined): Json {
  if (schema !== undefined) return { content: { 'application/json': { schema } } };
  if (contentType === undefined) return {};
  const body = contentType === 'application/json' ? { type: 'object' } : { type: 'string' };
  return { content: { [contentType]: { schema: body } } };
}

function parametersOf(schema: TSchema | undefined, place: 'path' | 'query' | 'header'): Json[] {
  if (schema === undefined || !('properties' in schema)) return [];
  const required = 'required' in schema && Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(Object(schema.properties)).map(([name, each]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: each,
  }));
}

function describeBody(route: Route): Json {
  if (route.takesModule !== true) {
    return { required: true, content: { 'application/json': { schema: route.body } } };
  }
  const module = { type: 'string', format: 'binary', description: 'A WebAssembly module.' };
  if (route.form !== undefined) {
    const schema = {
      type: 'object',
      properties: { deployment: route.form, module },
      required: ['deployment'],
      additionalProperties: false,
    };
    const encoding = { deployment: { contentType: 'application/json' } };
    return { required: true, content: { 'multipart/form-data': { schema, encoding } } };
  }
  return {
    required: true,
    content: {
      'application/wasm': { schema: module },
      'multipart/form-data': {
        schema: {
          type: 'object',
          properties: { module },
          required: ['module'],
          additionalProperties: false,
        },
      },
    },
  };
}

function describeProblems(route: Route, docsOrigin: string): Json {
  const byStatus = Map.groupBy(problemsOf(route), (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes
          .map(
            (code) =>
              `[${PROBLEMS[code].title}](${problemType(docsOrigin, code)}): ${PROBLEMS[code].when}`,
          )
          .join('\n\n'),
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    ]),
  );
}
