/** The web origin: the built documentation, with the playground in it, and the panel. */
import fastifyStatic from '@fastify/static';
import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sendClientError } from '../problems/client-error.ts';
import { atOrigin, isHostOfOther } from '../hosts.ts';
import { sendProblem, type ProblemDocument } from '../problems/send-problem.ts';
import { trustOneProxy } from '../trust-proxy.ts';
import { panelSecurityHeaders, securityHeaders } from './security.ts';

export interface WebAppOptions {
  /** The folder that the site was built into. */
  readonly siteDir: string;
  /** Such as `http://127.0.0.1:4001`. */
  readonly runOrigin: string;
  /** Where this is; default: unknown, and any host is good. */
  readonly webOrigin?: string;
  /** Whether a proxy in front tells the caller's address; default false. */
  readonly trustProxy?: boolean;
}

/** A request, body and all, may take so long to come in. */
const REQUEST_MS = 120_000;

/** Files with a content hash in their name never change. */
const IMMUTABLE = /[/\\](?:_astro|panel[/\\]assets)[/\\]/;
/** A page of the panel, which draws itself by its address; what has an ending is a file. */
const PANEL_PAGE = /^\/panel\/[^.]*$/;

const UNREADABLE: ProblemDocument = {
  status: 400,
  title: 'Bad request',
  detail: 'The request could not be understood; check its address and headers.',
};

export async function buildWebApp(options: WebAppOptions): Promise<FastifyInstance> {
  const { siteDir, runOrigin } = options;
  const headers = securityHeaders(await readScriptHashes(siteDir), runOrigin);
  const panelHeaders = panelSecurityHeaders(runOrigin);
  const notFoundPage = await readFile(join(siteDir, '404.html'));
  const app = fastify({
    logger: false,
    trustProxy: trustOneProxy(options.trustProxy === true),
    clientErrorHandler: sendClientError,
    requestTimeout: REQUEST_MS,
    // An address that cannot be decoded comes before all hooks and handlers.
    frameworkErrors: (_error, _request, reply) => sendProblem(reply.headers(headers), UNREADABLE),
  });

  const { webOrigin = runOrigin } = options;
  app.addHook('onRequest', async (request, reply) => {
    const { host = '', 'sec-fetch-mode': mode } = request.headers;
    // A page there would have no session (`api/auth/session.ts`).
    if (mode !== 'navigate' || !isHostOfOther(host, webOrigin, runOrigin)) return;
    return reply
      .header('cache-control', 'no-store')
      .redirect(atOrigin(webOrigin, request.url), 307);
  });
  app.addHook('onSend', async (request, reply) => {
    reply.headers(request.url.startsWith('/panel/') ? panelHeaders : headers);
  });
  await app.register(fastifyStatic, {
    root: siteDir,
    preCompressed: true,
    cacheControl: false,
    setHeaders(response, path) {
      const lifetime = IMMUTABLE.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
      response.header('cache-control', lifetime);
    },
  });
  const sendNotFound = (reply: FastifyReply): FastifyReply =>
    reply
      .code(404)
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(notFoundPage);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (request.method === 'GET' && PANEL_PAGE.test(path)) {
      return reply.header('cache-control', 'no-cache').sendFile('panel/index.html');
    }
    return sendNotFound(reply);
  });
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    // Files are refused by their paths alone, such as one with NUL or an empty first segment: nothing has that name.
    if (status === 403) return sendNotFound(reply);
    return status < 500
      ? sendProblem(reply, { ...UNREADABLE, status })
      : sendProblem(reply, {
          status: 500,
          title: 'Internal error',
          detail: 'The server failed to answer. Try again; if it stays so, tell its operator.',
        });
  });
  return app;
}

/** What the build wrote down: the sources, as `'sha256-…'`, of the inline scripts in its pages. */
async function readScriptHashes(siteDir: string): Promise<string[]> {
  const file: unknown = JSON.parse(await readFile(join(siteDir, 'csp.json'), 'utf8'));
  if (
    typeof file === 'object' &&
    file !== null &&
    'scripts' in file &&
    Array.isArray(file.scripts)
  ) {
    return file.scripts.map(String);
  }
  throw new Error('csp.json of the built site has no list of scripts');
}
