/** The API server: the endpoints of `routes/`, the local issuer, and the hooks of all requests. */
import { fastifyMultipart } from '@fastify/multipart';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { sendClientError } from '../problems/client-error.ts';
import { isLoopbackName } from '../config.ts';
import { sendProblem, type ProblemDocument } from '../problems/send-problem.ts';
import { ProblemError } from '../problems/problems.ts';
import { LARGEST_MODULE_BYTES } from '../tiers.ts';
import { trustOneProxy } from '../trust-proxy.ts';
import { checkNeed, findCaller, type Caller } from './auth/caller.ts';
import { addLocalIssuer } from './auth/local-issuer.ts';
import { PAGE_POLICY } from './auth/pages.ts';
import { sendError } from './errors.ts';
import { addressSubject, rateLimitHeaders, type Allowance } from './rate-limit.ts';
import { addRefusals } from './refusals.ts';
import type { Route } from './route.ts';
import { loadRoutes } from './routes.ts';
import { apiHeaders } from './security.ts';
import { JSON_BYTES, MULTIPART_BYTES } from './uploads/upload-gate.ts';
import { checkRoom } from './uploads/upload-room.ts';
import { makeServices, type ApiOptions, type Services } from './services.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
  }
  interface FastifyContextConfig {
    /** Requires no user. */
    readonly isOpen?: boolean;
    /** Opened in a browser, so problems are sent as pages. */
    readonly isPage?: boolean;
  }
}

/** Time limit for receiving a request with its body. */
const REQUEST_MS = 120_000;

const UNREADABLE: ProblemDocument = {
  status: 400,
  title: 'Bad request',
  detail: 'The request could not be understood; check its address and headers.',
};
const NOTHING_HERE: ProblemDocument = {
  status: 404,
  title: 'Not found',
  detail: 'There is nothing at this address. The endpoints are in /api/openapi.json.',
};

/** Maximum JSON body of an endpoint that requires no user. */
const OPEN_JSON_BYTES = 16 * 1024;

/** Builds the API as a separate app. */
export async function buildApp(options: ApiOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    trustProxy: trustOneProxy(options.config.trustProxy),
    clientErrorHandler: sendClientError,
    requestTimeout: REQUEST_MS,
    // For a URL that cannot be decoded. No hook or handler runs for it.
    frameworkErrors: (_error, _request, reply) => sendProblem(reply, UNREADABLE),
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, NOTHING_HERE));
  // For errors before an endpoint is matched.
  app.setErrorHandler((_error, _request, reply) => sendProblem(reply, UNREADABLE));
  await registerApi(app, options);
  return app;
}

/** Registers the API on an app that also serves other pages. Only the API's own paths are affected. */
export async function registerApi(app: FastifyInstance, options: ApiOptions): Promise<void> {
  const services = makeServices(options);
  const routes = await loadRoutes();
  await app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => sendError(services, error, request, reply));
    scope.decorateRequest('caller', undefined);
    addCommon(scope, services);
    if (options.config.issuer === undefined) {
      addLocalIssuer(scope, options.config.webOrigin, services.localIssuer);
    }
    await scope.register(fastifyMultipart, {
      throwFileSizeLimit: true,
      limits: {
        files: 1,
        fields: 4,
        parts: 5,
        fieldSize: 2000,
        fieldNameSize: 64,
        fileSize: LARGEST_MODULE_BYTES,
      },
    });
    scope.removeContentTypeParser('text/plain');
    scope.addContentTypeParser('application/wasm', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    for (const route of routes) addRoute(scope, services, route);
    addRefusals(scope, routes);
    scope.addHook('preClose', async () => {
      services.ending.abort();
      await services.closeChecks();
      await services.tails.close();
      await services.rollouts.close();
    });
  });
}

function addCommon(scope: FastifyInstance, services: Services): void {
  const { config, log, metrics, limiter } = services;
  const headers = apiHeaders(config);
  // The local issuer asks for no password, so requests for other host names (DNS rebinding) are refused.
  const isLocal = config.issuer === undefined;
  scope.addHook('onRequest', async (request, reply) => {
    // Never taken from the request: clients could choose IDs that collide with others in the log.
    request.id = randomUUID();
    reply.headers({ ...headers, 'cache-control': 'no-store', 'x-request-id': request.id });
    if (isLocal) checkHost(request);
    applyAllowance(
      reply,
      limiter.take(addressSubject(request.ip), config.requestsPerMinute),
      'Your address has',
    );
  });
  scope.addHook('onSend', async (_request, reply) => {
    // Set again, because the app that the API is registered on may have replaced them.
    reply.headers(headers);
    const type = String(reply.getHeader('content-type') ?? '');
    if (type.startsWith('text/html')) reply.header('content-security-policy', PAGE_POLICY);
  });
  scope.addHook('onResponse', async (request, reply) => {
    // The route's pattern instead of the URL, which may contain an authorization code, a state or a name.
    const route = request.routeOptions.url ?? 'none';
    const { method } = request;
    const status = reply.statusCode;
    metrics.onRequest({ method, route, status, seconds: reply.elapsedTime / 1000 });
    log.info(
      {
        requestId: request.id,
        method,
        route,
        status,
        ms: Math.round(reply.elapsedTime),
        userId: request.caller?.id,
      },
      'request',
    );
  });
}

function addRoute(scope: FastifyInstance, services: Services, route: Route): void {
  const { user, success, takesModule } = route;
  scope.route({
    method: route.method,
    url: route.path,
    bodyLimit: bodyLimitOf(route),
    config: { isOpen: user === undefined, isPage: route.isPage === true },
    schema: success.schema === undefined ? {} : { response: { [success.status]: success.schema } },
    validatorCompiler: () => () => true,
    // Before the body is read, so that unauthorized uploads cost nothing.
    async onRequest(request, reply) {
      if (request.headers['content-encoding'] !== undefined) {
        throw new ProblemError(
          'unsupported-media-type',
          'Content-Encoding is not supported: send the body without it.',
        );
      }
      if (user === undefined) return;
      const caller = await findCaller(services, request);
      request.caller = caller;
      const allowance = services.limiter.take(`user ${caller.id}`, caller.limits.requestsPerMinute);
      applyAllowance(reply, allowance, 'You have');
      checkNeed(caller, user);
      if (takesModule !== true) return;
      const formBytes = route.form === undefined ? 0 : JSON_BYTES;
      reply.raw.once('close', services.uploads.enter(caller, request, formBytes));
      // A form may contain no module, so its room is checked when the module arrives.
      if (route.changesNothing !== true && route.form === undefined)
        await checkRoom(services, caller, request);
    },
    async handler(request, reply) {
      if (success.status !== 200) reply.code(success.status);
      const body = await route.answer(services, request, reply, request.caller);
      return success.status === 204 && body === undefined ? reply.send() : body;
    },
  });
}

function bodyLimitOf({ takesModule, form, user }: Route): number {
  if (form !== undefined) return LARGEST_MODULE_BYTES + MULTIPART_BYTES + JSON_BYTES;
  if (takesModule === true) return LARGEST_MODULE_BYTES + MULTIPART_BYTES;
  return user === undefined ? OPEN_JSON_BYTES : JSON_BYTES;
}

function applyAllowance(reply: FastifyReply, allowance: Allowance, who: string): void {
  reply.headers(rateLimitHeaders(allowance));
  if (allowance.allowed) return;
  throw new ProblemError(
    'too-many-requests',
    `${who} made more than ${allowance.limit} requests in a minute. Wait ${allowance.resetSeconds} seconds.`,
    { headers: { 'retry-after': String(allowance.resetSeconds) } },
  );
}

function checkHost({ hostname }: FastifyRequest): void {
  if (isLoopbackName(hostname)) return;
  throw new ProblemError(
    'foreign-origin',
    'This server accepts requests from this machine only: use localhost. An operator who sets OIDC_ISSUER may give it other names.',
  );
}
