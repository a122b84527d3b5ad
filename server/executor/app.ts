/** The run origin: HTTP in, CGI into the guest, HTTP out. Nothing else answers here. */
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { serve, type RunResult } from '../../olin/index.ts';
import { nodePlatform, streamFrom } from '../../olin/platform/node.ts';
import { sendProblem, type Problem } from '../problem.ts';
import type { FindHandler, Handler } from './modules.ts';

export interface ExecutorOptions {
  readonly findHandler: FindHandler;
}

const UNREADABLE: Problem = {
  status: 400,
  title: 'Bad request',
  detail: 'The Host header and the path make no URL; check the address.',
};

export function buildExecutorApp(options: ExecutorOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: Number.MAX_SAFE_INTEGER,
    exposeHeadRoutes: false,
    // A path that cannot be decoded comes before all handlers.
    frameworkErrors: (_error, _request, reply) => sendProblem(reply, UNREADABLE),
  });
  // Bodies are the guest's: any type, as a stream.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const found = splitTarget(request.hostname, request.url);
    const handler = found === undefined ? undefined : await options.findHandler(found.name);
    if (found === undefined || handler === undefined) {
      return sendProblem(reply, {
        status: 404,
        title: 'No such handler',
        detail: 'There is no handler of that name here. Handlers answer at /run/NAME/.',
      });
    }
    return callHandler(handler, found.scriptName, request, reply);
  };
  app.all('/*', answer);
  app.setNotFoundHandler(answer);
  app.setErrorHandler((_error, _request, reply) =>
    sendProblem(reply, {
      status: 500,
      title: 'Internal error',
      detail: 'The server failed to run the handler. Try again; if it stays so, tell its operator.',
    }),
  );
  return app;
}

/** Finds the handler's name in `/run/NAME/…` or in the host `NAME.localhost`. */
export function splitTarget(
  hostname: string,
  url: string,
): { name: string; scriptName: string } | undefined {
  const byPath = /^\/run\/([a-z0-9-]+)(?=[/?]|$)/.exec(url);
  if (byPath?.[1] !== undefined) return { name: byPath[1], scriptName: byPath[0] };
  const byHost = /^([a-z0-9-]+)\.localhost$/i.exec(hostname);
  if (byHost?.[1] !== undefined) return { name: byHost[1].toLowerCase(), scriptName: '' };
  return undefined;
}

async function callHandler(
  handler: Handler,
  scriptName: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const url = `http://${request.host}${request.url}`;
  if (!URL.canParse(url)) {
    return sendProblem(reply, UNREADABLE);
  }
  if (request.method === 'TRACE') {
    return sendProblem(reply, {
      status: 501,
      title: 'Method not supported',
      detail: 'Handlers are not given TRACE requests. Use another method.',
    });
  }
  const hangUp = new AbortController();
  reply.raw.once('close', () => hangUp.abort());
  const served = await serve(handler.module, toRequest(request, url), {
    platform: nodePlatform,
    args: [`${handler.name}.wasm`],
    env: handler.env,
    headers: Array.from(pairs(request.raw.rawHeaders)),
    scriptName,
    remoteAddress: request.ip,
    handlerId: handler.name,
    runId: crypto.randomUUID(),
    signal: hangUp.signal,
    ...(handler.policy === undefined ? {} : { policy: handler.policy }),
  });
  if (!served.ok) return sendFault(reply, served.fault.message, await served.result);
  reply.code(served.response.status);
  // All of one name at once: a second call would put the first value aside.
  for (const [name, list] of Map.groupBy(served.headers, ([name]) => name.toLowerCase())) {
    const values = list.map(([, value]) => value);
    reply.header(name, values.length === 1 ? values[0] : values);
  }
  const { body } = served.response;
  return reply.send(body === null ? undefined : Readable.from(body));
}

function sendFault(reply: FastifyReply, detail: string, result: RunResult): FastifyReply {
  const late = result.trap?.code === 'time';
  return sendProblem(reply, {
    status: late ? 504 : 502,
    title: late ? 'The handler took too long' : 'The handler failed',
    detail,
  });
}

/** The request as the web's standards have it; its body is read as the guest asks for it. */
function toRequest(request: FastifyRequest, url: string): Request {
  const bodiless = request.method === 'GET' || request.method === 'HEAD';
  return new Request(url, {
    method: request.method,
    ...(bodiless ? {} : { body: streamFrom(request.raw), duplex: 'half' }),
  });
}

/** The headers as they came over the wire, repeats included. */
function* pairs(rawHeaders: readonly string[]): Generator<[name: string, value: string]> {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    yield [rawHeaders[i] ?? '', rawHeaders[i + 1] ?? ''];
  }
}
