/** Opening a port. */
import type { FastifyInstance } from 'fastify';

/** Listens, on this machine alone unless told otherwise, or ends the program with a sentence where the port is taken. Returns the port. */
export async function listen(
  app: FastifyInstance,
  port: number,
  variable: string,
  host = '127.0.0.1',
): Promise<number> {
  try {
    await app.listen({ port, host });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'may not be opened by this user' : 'is in use';
    process.stderr.write(
      `Port ${port} ${why}. Stop what uses it, or choose another: ${variable}=${port + 10} npm start\n`,
    );
    process.exit(1);
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Between looks for connections that have nothing more to answer. */
const LOOK_MS = 50;

/**
 * Answers what is under way, and stops. A connection whose answer began before the stop is not told to close, and
 * would be waited for as long as connections are kept; so those that have become idle are closed here.
 */
export async function closeApp(app: FastifyInstance): Promise<void> {
  const looking = setInterval(() => app.server.closeIdleConnections(), LOOK_MS);
  try {
    await app.close();
  } finally {
    clearInterval(looking);
  }
}
