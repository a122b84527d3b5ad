/** `trisiel deploy`, killed without warning: a deploy happens completely or not at all. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import { atEnd } from '../setup/at-end.ts';
import { answering, newAuthor, put, startServer } from '../setup/command.ts';
import { startTrisiel } from '../setup/local-command.ts';
import { field } from '../setup/servers/api-server.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

/** More than sockets buffer, so that an interrupted deploy has not sent everything. */
const PADDING_BYTES = 3 * 1024 * 1024;
/** `half`: part of the module was forwarded; `all`: the complete request. */
type Point = 'half' | 'all';

suite('trisiel deploy, killed during a deployment', () => {
  const databases = onAnyDatabase();

  test('leaves the previous version or the complete deployment, and no handler without a version', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const server = await startServer(t, db);
    const ada = await newAuthor(t, server, 'ada');
    await put(ada, 'old.wasm', await answering('old'));
    await put(ada, 'new.wasm', padded(await answering('new')));
    await ada.must(['deploy', 'old.wasm', '--name', 'live']);
    for (const point of ['half', 'all'] as const) {
      for (const name of ['live', `first-${point}`]) {
        const gate = await startGate(t, server.port, point);
        const argv = ['deploy', 'new.wasm', '--name', name, '--description', 'New.'];
        const env = { ...ada.env, TRISIEL_SERVER: `http://localhost:${gate.port}` };
        const command = startTrisiel(argv, { cwd: ada.home, env });
        let said = '';
        command.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
        const ended = once(command, 'exit');
        const early = ended.then(() => assert.fail(`it ended by itself: ${said}`));
        await Promise.race([gate.reached, early]);
        command.kill('SIGKILL');
        await ended;
        early.catch(() => undefined);
        gate.close();
        // Its module is checked after that of the killed deploy, if the server received all of it.
        await ada.must(['deploy', 'old.wasm', '--name', 'next']);

        const shown = await ada.run(['show', name, '--json']);
        if (shown.code !== 0) {
          assert.equal(shown.code, 4, shown.stderr);
          assert.equal(name, `first-${point}`);
          continue;
        }
        const handler = field(JSON.parse(shown.stdout), 'handler');
        const isNew = field(handler, 'description') === 'New.';
        assert.ok(point === 'all' || !isNew, 'half a module was deployed');
        assert.equal(field(handler, 'activeVersion'), isNew && name === 'live' ? 2 : 1);
        assert.equal((await ada.run(['invoke', name])).stdout, isNew ? 'new' : 'old');
      }
    }
  });
});

/** Returns the module with a large custom section. */
function padded(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const length = PADDING_BYTES + 2;
  const size = [0, 7, 14, 21].map((shift) => ((length >> shift) & 0x7f) | (shift < 21 ? 0x80 : 0));
  const name = [1, 'x'.charCodeAt(0)];
  const filler = new Uint8Array(PADDING_BYTES);
  return Uint8Array.from(Buffer.concat([module, Buffer.from([0, ...size, ...name]), filler]));
}

/** Forwards connections until the request of a deploy has reached the given point, and then nothing more. */
async function startGate(t: TestContext, target: number, point: Point) {
  const reached = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined);
  };
  const server = createServer((near) => {
    keep(near);
    const far = keep(connect(target, '127.0.0.1'));
    let isDeploy = false;
    let bytes = 0;
    near.on('data', (chunk: Buffer) => {
      isDeploy ||= chunk.includes('POST /api/deployments ');
      if (isDeploy) bytes += chunk.length;
      // Chunked: the body ends with an empty chunk.
      const isEnd = chunk.subarray(-5).equals(Buffer.from('0\r\n\r\n'));
      const isReached = isDeploy && (point === 'half' ? bytes > PADDING_BYTES / 2 : isEnd);
      if (isReached && point === 'half') near.pause();
      else far.write(chunk);
      if (isReached) reached.resolve();
    });
    far.pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  atEnd(t, close);
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { port: address.port, reached: reached.promise, close };
}
