/** A page in Chromium with one of our Web Workers and the headers of the real site. */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { securityHeaders } from '../../server/web/security.ts';
import { gatherComplaints, launchBrowser } from './browser.ts';

export interface WorkerPage {
  readonly origin: string;
  /** Posts a message to the worker and returns its answer. Both are values that JSON can represent. */
  ask(question: unknown): Promise<unknown>;
  /** Errors of the page so far, including violations of the Content-Security-Policy. */
  readonly complaints: readonly string[];
  stop(): Promise<void>;
}

/** The files that the page's origin serves, by path. */
export type Files = ReadonlyMap<string, Uint8Array | string>;

/** @param entry the worker's source, a file of `test/workers/` */
export async function openWorkerPage(entry: string, files: Files): Promise<WorkerPage> {
  const all = new Map([
    ['/', '<!doctype html><title>worker</title><link rel="icon" href="data:,">'],
    ['/worker.js', await bundle(entry)],
    ...files,
  ]);
  const server = createServer((request, response) => {
    const file = all.get(request.url ?? '');
    response.writeHead(file === undefined ? 404 : 200, {
      ...securityHeaders([], 'http://127.0.0.1:4001'),
      'content-type': typeOf(request.url ?? ''),
    });
    response.end(file);
  });
  const origin = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve(`http://127.0.0.1:${port}`);
    });
  });
  const browser = await launchBrowser();
  const page = await browser.newPage();
  const complaints = gatherComplaints(page);
  await page.goto(origin);
  return {
    origin,
    complaints,
    ask: (question) =>
      page.evaluate(
        (question) =>
          new Promise<unknown>((resolve, reject) => {
            const worker = new Worker('/worker.js', { type: 'module' });
            worker.addEventListener('message', ({ data }) => resolve(data));
            setTimeout(() => reject(new Error('the worker gave no answer in 90 s')), 90_000);
            worker.addEventListener('error', ({ message }) => reject(new Error(message)));
            worker.postMessage(question, []);
          }),
        question,
      ),
    async stop() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function typeOf(path: string): string {
  if (path.endsWith('.js')) return 'text/javascript';
  if (path.endsWith('.json')) return 'application/json';
  return path.endsWith('.wasm') ? 'application/wasm' : 'text/html; charset=utf-8';
}

/** The worker and all it imports, as one script. */
async function bundle(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      lib: {
        entry: fileURLToPath(new URL(`../workers/${entry}`, import.meta.url)),
        formats: ['es'],
        fileName: 'worker',
      },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  for (const each of outputs) {
    const [chunk] = 'output' in each ? each.output : [];
    if (chunk !== undefined) return chunk.code;
  }
  throw new Error(`vite gave no script for ${entry}`);
}
