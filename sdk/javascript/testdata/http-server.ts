/** A server on loopback for the tests of fetch. */
import { createServer } from 'node:http';
import { once } from 'node:events';

export interface TestServer {
  readonly origin: string;
  stop(): Promise<void>;
}

export async function startServer(): Promise<TestServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url = '', headers } = request;
      if (url === '/redirect') response.writeHead(302, { location: '/echo' }).end('moved');
      else if (url === '/loop') response.writeHead(307, { location: '/loop' }).end();
      else if (url === '/headers') {
        const names = Object.keys(headers).filter((name) =>
          /^(?:x-own|.*auth.*|cookie)$/.test(name),
        );
        response.end(JSON.stringify(names.sort()));
      } else if (url.startsWith('/to?')) {
        response.writeHead(307, { location: decodeURIComponent(url.slice(4)) }).end();
      } else if (url === '/large') {
        for (let part = 0; part < 3; part++) response.write('x'.repeat(100_000));
        response.end();
      } else {
        const body = Buffer.concat(chunks).toString();
        const own = headers['x-own'];
        const type = headers['content-type'];
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ method, url, own, type, body }));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
