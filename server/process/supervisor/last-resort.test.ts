import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { test, type TestContext } from 'node:test';
import { FAULT_STATUS } from './last-resort.ts';

/** A server whose `/slow` responds after a fault caused by `/fault` or `/reject`. */
function program(): string {
  return `
    import { createServer } from 'node:http';
    import { pino } from 'pino';
    import { installLastResort } from ${JSON.stringify(new URL('./last-resort.ts', import.meta.url).href)};
    const waiting = [];
    const server = createServer(({ url }, response) => {
      if (url === '/slow') return void waiting.push(response);
      if (url === '/ping') return void response.end('pong');
      response.end('soon');
      setImmediate(() => {
        setTimeout(() => waiting.forEach((each) => each.end('whole')), 100);
        if (url === '/reject') Promise.reject(new Error('the cause'));
        else throw new Error('the cause');
      });
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
    const close = () => new Promise((resolve) => server.close(resolve));
    installLastResort({ log: pino({ level: 'fatal' }, pino.destination({ fd: 2, sync: true })), close });`;
}

async function start(t: TestContext) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program()], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let log = '';
  child.stderr.on('data', (chunk) => (log += String(chunk)));
  const [line] = await once(child.stdout, 'data');
  const ask = async (path: string): Promise<string> => {
    const sent = get({ host: '127.0.0.1', port: Number(line), path, agent: false });
    const [answer]: IncomingMessage[] = await once(sent, 'response');
    return Buffer.concat((await answer?.toArray()) ?? []).toString();
  };
  return { child, ask, log: () => log };
}

for (const path of ['/fault', '/reject']) {
  test(`an uncaught error does not cut off active requests (${path})`, async (t) => {
    const { child, ask, log } = await start(t);
    const exited = once(child, 'exit');
    const slow = ask('/slow');
    await ask('/ping');
    await ask(path);
    assert.equal(await slow, 'whole');
    assert.deepEqual(await exited, [FAULT_STATUS, null]);
    assert.match(log(), /the cause/);
  });
}
