/** The receiver of callbacks: its server, the server with the public keys, and the verification from the documentation. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import { readSnippets } from '../../../docs-site/snippets/snippets.ts';
import { atEnd } from '../at-end.ts';

/** Starts a receiver that answers each POST with the next status, and keeps the requests. */
export async function startReceiver(t: TestContext, statuses: readonly number[]) {
  const received: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(statuses[received.length - 1] ?? 200).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { origin: `http://127.0.0.1:${address.port}`, received };
}

/** Starts a server with the public keys that verify callbacks. */
export async function startKeySet(t: TestContext) {
  const keySet = { origin: '', keys: [] as readonly object[] };
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ keys: keySet.keys }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  keySet.origin = `http://127.0.0.1:${address.port}`;
  return keySet;
}

/** Returns the verification function from the page on asynchronous calls, with the two origins of a test. */
export async function readVerifier(
  api: string,
  own: string,
): Promise<(signature: string, body: string) => Promise<boolean>> {
  const snippet = readSnippets().find(({ title }) => title === 'verify-callback.js');
  assert.ok(snippet);
  const text = snippet.text
    .replace('https://api.trisiel.com', api)
    .replace('https://hooks.example.org', own);
  const module: { isGenuine: (signature: string, body: string) => Promise<boolean> } = await import(
    `data:text/javascript,${encodeURIComponent(text)}`
  );
  return module.isGenuine;
}
