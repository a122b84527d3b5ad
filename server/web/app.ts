/** The app of the web origin: the built documentation with the playground, and the panel. */
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
  /** The web origin itself. Default: unknown, so requests for any host are served. */
  readonly webOrigin?: string;
  /** Whether to take the client's address from the headers of a proxy. Default: false. */
  readonly trustProxy?: boolean;
}

/** Time limit for receiving a request with its body. */
const REQUEST_MS = 120_000;

/** Files with a content hash in their name never change. */
const IMMUTABLE = /[/\\](?:_astro|panel[/\\]assets)[/\\]/;
/** Pages of the panel are rendered by its script. Paths with a file extension are files. */
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
    // For a URL that cannot be decoded. No hook or handler runs for it.
    frameworkErrors: (_error, _request, reply) => sendProblem(reply.headers(headers), UNREADABLE),
  });

  const { webOrigin = runOrigin } = options;
  app.addHook('onRequest', async (request, reply) => {
    const { host = '', 'sec-fetch-mode': mode } = request.headers;
    // A page on that host would have no session (`server/auth/session.ts`).
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
    // Static files are only refused because of their path, such as one with NUL or an empty segment. No file has such a
    // name.
    if (status === 403) return sendNotFound(reply);
    return status < 500
      ? sendProblem(reply, { ...UNREADABLE, status })
      : sendProblem(reply, {
          status: 500,
          title: 'Internal error',
          detail:
            'The server failed to handle the request. Try again. If it keeps failing, tell the operator.',
        });
  });
  return app;
}

/** Reads the hashes of the pages' inline scripts, as `'sha256-…'`, from the build. */
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
