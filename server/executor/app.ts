/**
 * The run origin. Requests for handlers go to the executor straight from the socket, without a framework; the
 * executor's own pages (executions, health, metrics) are a Fastify app on the same port.
 */
import { fastify, type FastifyInstance } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pino, type Logger } from 'pino';
import { Scheduler, type Platform } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { sendClientError } from '../problems/client-error.ts';
import { atOrigin } from '../hosts.ts';
import { sendProblem } from '../problems/send-problem.ts';
import type { AcceptCall } from './calls/accept/accept.ts';
import { Executor } from './executor.ts';
import type { FindHandler, LoadedHandler } from './handlers/handler.ts';
import type { PlainRequest } from './http/plain/plain-request.ts';
import type { PlainResponse } from './http/plain/plain-response.ts';
import { RunServer } from './http/server.ts';
import type { Journal } from './journal/journal.ts';
import { ExecutorMetrics } from './metrics/metrics.ts';
import type { OwnerCheck } from '../auth/owner-check.ts';
import type { ActiveRuns } from '../process/probation/active-runs.ts';
import type { ProbationProcesses } from '../process/probation/processes.ts';
import { Quotas } from './quotas/quotas.ts';
import { Addresses, type Target } from './http/target.ts';
import { TurnQueue } from './http/turn-queue.ts';

export interface ExecutorOptions {
  readonly findHandler: FindHandler;
  /** The platform for one handler's guests: outbound requests and the User-Agent. */
  readonly platformFor: (handler: LoadedHandler) => Platform;
  /** Such as `https://run.trisiel.dev`; default `http://localhost`. */
  readonly runOrigin?: string;
  /**
   * Origin of the panel, at whose host handlers do not answer. Default: the run origin, which allows both on one host.
   */
  readonly webOrigin?: string;
  /** Origin of the error pages; default empty: the same host. */
  readonly docsOrigin?: string;
  readonly trustProxy?: boolean;
  /** Origins whose pages may read any response; default none. */
  readonly webOrigins?: readonly string[];
  readonly scheduler?: Scheduler;
  readonly quotas?: Quotas;
  readonly metrics?: ExecutorMetrics;
  readonly log?: Logger;
  readonly journal?: Journal;
  readonly owners?: OwnerCheck;
  readonly acceptCall?: AcceptCall;
  readonly probation?: ProbationProcesses | undefined;
  readonly activeRuns?: ActiveRuns | undefined;
  /** Adds the executor's own pages. */
  readonly addPages?: (app: FastifyInstance) => void;
}

/** Total 64 KiB pages for all guests of a process: 1 GiB. */
const MEMORY_PAGES = 16_384;
const QUEUE_LENGTH = 1024;
/** Served at any host name: a probe or a scraper may address the machine by another name. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

export function buildExecutorApp(options: ExecutorOptions): FastifyInstance {
  const {
    scheduler = new Scheduler({
      platform: nodePlatform,
      memoryPages: MEMORY_PAGES,
      queueLength: QUEUE_LENGTH,
    }),
    quotas = new Quotas(undefined),
    metrics = new ExecutorMetrics(),
    log = pino({ level: 'silent' }),
    runOrigin = 'http://localhost',
    docsOrigin = '',
    trustProxy = false,
    webOrigin = runOrigin,
  } = options;
  const addresses = new Addresses(runOrigin, webOrigin);
  const executor = new Executor({
    scheduler,
    quotas,
    metrics,
    log,
    docsOrigin,
    trustProxy,
    webOrigins: new Set(options.webOrigins),
    findHandler: options.findHandler,
    platformFor: options.platformFor,
    journal: options.journal,
    owners: options.owners,
    acceptCall: options.acceptCall,
    probation: options.probation,
    activeRuns: options.activeRuns,
  });
  metrics.watch('trisiel_running', 'Runs under way.', () => scheduler.running);
  metrics.watch('trisiel_queued', 'Runs that wait for memory.', () => scheduler.queued);
  metrics.watch(
    'trisiel_guest_memory_pages',
    'Pages of 64 KiB that guests hold.',
    () => scheduler.usedPages,
  );
  let server: RunServer | undefined;
  const app = fastify({
    logger: false,
    exposeHeadRoutes: true,
    serverFactory: (pages) => (server = listenFor(executor, addresses, pages)),
    clientErrorHandler: (error, socket) =>
      sendClientError(error, socket, server?.isAnswering(socket)),
    frameworkErrors: (_error, _request, reply) =>
      sendProblem(reply, {
        status: 400,
        title: 'Bad request',
        detail: 'The Host header and the path do not form a valid URL. Check the address.',
      }),
  });
  app.addHook('preClose', async () => executor.drain());
  app.addHook('onRequest', async (request, reply) => {
    const { host = '' } = request.headers;
    if (!addresses.isWebHost(host) || PROBES.has(request.url)) return;
    // Results of asynchronous calls are a handler's output too.
    return reply
      .code(307)
      .headers({ 'cache-control': 'no-store', location: atOrigin(runOrigin, request.url) })
      .type('text/plain; charset=utf-8')
      .send(`Handlers respond at ${runOrigin}, a host with separate cookies.\n`);
  });
  options.addPages?.(app);
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, {
      type: `${docsOrigin}/server/errors/no-such-handler/`,
      status: 404,
      title: 'No such handler',
      detail: 'There is no handler with this name. Handlers respond at /run/NAME/.',
      code: 'no-such-handler',
    }),
  );
  return app;
}

interface PlainCall {
  readonly target: Target;
  readonly request: PlainRequest;
  readonly response: PlainResponse;
}

function listenFor(
  executor: Executor,
  addresses: Addresses,
  pages: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const calls = new TurnQueue(({ target, request, response }: PlainCall) => {
    void executor.answer(target, request, response);
  });
  return new RunServer({
    onPlain(request, response) {
      const target = addresses.find(request.headers.host ?? '', request.url);
      if (target === undefined) return false;
      calls.add({ target, request, response });
      return true;
    },
    onRequest(request, response) {
      const target = addresses.find(request.headers.host ?? '', request.url ?? '/');
      if (target === undefined) pages(request, response);
      else void executor.answer(target, request, response);
    },
  });
}
