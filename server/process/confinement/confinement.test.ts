import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { atEnd } from '../../../test/setup/at-end.ts';
import type { Attempt } from '../../../test/workers/confined.ts';
import { Confinement, type Needs } from './confinement.ts';
import { forkOptions } from './launch.ts';

const PROGRAM = new URL('../../../test/workers/confined.ts', import.meta.url).pathname;
const onLinux = { skip: process.platform !== 'linux' };
const confinement = await Confinement.open();

interface Outcome {
  readonly done: boolean;
  readonly text: string;
}

interface Started {
  readonly folder: string;
  readonly attempt: (what: Attempt) => Promise<Outcome>;
}

async function start(
  t: TestContext,
  needs: Partial<Needs> = {},
  by: Confinement = confinement,
): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-confined-'));
  atEnd(t, () => rm(folder, { recursive: true }));
  const command = by.confine({
    memoryBytes: 1024 ** 3,
    readable: [new URL('../../../test/', import.meta.url).pathname],
    writable: [folder],
    ...needs,
  });
  const child = fork(PROGRAM, forkOptions(command));
  atEnd(t, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [first] = await once(child, 'message');
  assert.equal(first, 'ready');
  return {
    folder,
    async attempt(what) {
      child.send(what);
      const [outcome] = await once(child, 'message');
      return outcome;
    },
  };
}

/** The kernel's wall alone, as after an escape from V8: Node's permissions are taken away. */
function withoutNode(by: Confinement): Confinement {
  return new (class extends Confinement {
    override confine(needs: Needs) {
      const command = super.confine(needs);
      const nodeArgs = command.nodeArgs.filter((flag) => !/^--(permission|allow-)/.test(flag));
      return { ...command, nodeArgs };
    }
  })(by.enforced);
}

suite('a confined process', () => {
  test('makes no system call that is on the list of the denied', onLinux, async (t) => {
    const { attempt } = await start(t);
    const { text } = await attempt({ kind: 'status' });
    // Every kernel since 3.17 has seccomp; a container may forbid the rest.
    assert.match(text, /^Seccomp:\t2$/m);
  });

  const walls: [string, Confinement, object][] = [
    ['by Node', confinement, {}],
    [
      'by the kernel alone, as after an escape from V8',
      withoutNode(confinement),
      { skip: !confinement.enforced.files || !confinement.enforced.systemCalls },
    ],
  ];
  for (const [wall, by, options] of walls) {
    test(`writes in its own folder and nowhere else, ${wall}`, options, async (t) => {
      const outside = await mkdtemp(join(tmpdir(), 'trisiel-outside-'));
      atEnd(t, () => rm(outside, { recursive: true }));
      const { attempt, folder } = await start(t, {}, by);
      assert.equal((await attempt({ kind: 'write', path: join(folder, 'line') })).done, true);
      const refused = await attempt({ kind: 'write', path: join(outside, 'line') });
      assert.match(refused.text, /EACCES|ERR_ACCESS_DENIED/);
      await assert.rejects(readFile(join(outside, 'line')));
    });

    test(`reads no file that it does not need, ${wall}`, options, async (t) => {
      const outside = await mkdtemp(join(tmpdir(), 'trisiel-outside-'));
      atEnd(t, () => rm(outside, { recursive: true }));
      const path = join(outside, 'secret');
      await writeFile(path, 'secret');
      const { attempt } = await start(t, {}, by);
      assert.match((await attempt({ kind: 'read', path })).text, /EACCES|ERR_ACCESS_DENIED/);
    });

    test(`starts no program, not even Node itself, ${wall}`, options, async (t) => {
      const { attempt } = await start(t, {}, by);
      for (const path of ['/bin/ls', process.execPath]) {
        const refused = await attempt({ kind: 'run', path });
        assert.match(refused.text, /EPERM|EACCES|ERR_ACCESS_DENIED/);
      }
    });
  }

  test(
    'signals no process, and reads no environment, of the server that started it',
    { skip: !confinement.enforced.files },
    async (t) => {
      const { attempt } = await start(t, {}, withoutNode(confinement));
      assert.match((await attempt({ kind: 'signal' })).text, /EPERM/);
      const path = `/proc/${process.pid}/environ`;
      assert.match((await attempt({ kind: 'read', path })).text, /EACCES/);
    },
  );

  test('has no capability, and gains none', onLinux, async (t) => {
    const { attempt } = await start(t);
    const { text } = await attempt({ kind: 'status' });
    assert.match(text, /^NoNewPrivs:\t1$/m);
    if (confinement.enforced.capabilities) {
      assert.match(text, /^CapEff:\t0+$/m);
      assert.match(text, /^CapPrm:\t0+$/m);
    }
  });

  test('is refused memory at its bound, lives on, and others have theirs', onLinux, async (t) => {
    const [greedy, other] = await Promise.all([
      start(t, { memoryBytes: 800 * 1024 ** 2 }),
      start(t, { memoryBytes: 800 * 1024 ** 2 }),
    ]);
    const refused = await greedy.attempt({ kind: 'fill', pages: 1000, memories: 30 });
    assert.match(refused.text, /could not allocate memory/);
    assert.equal((await greedy.attempt({ kind: 'status' })).done, true);
    const taken = await other.attempt({ kind: 'fill', pages: 1000, memories: 2 });
    assert.equal(taken.done, true, taken.text);
  });

  test('reaches the network only if it needs it', async (t) => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    atEnd(t, () => server.close());
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const { port } = address;
    const [without, having] = await Promise.all([start(t), start(t, { hasNetwork: true })]);
    assert.equal((await without.attempt({ kind: 'connect', port })).text, 'ERR_ACCESS_DENIED');
    assert.equal((await having.attempt({ kind: 'connect', port })).text, 'connected');
  });

  test('is still bounded where the kernel’s newer means are missing', onLinux, async (t) => {
    const bare = new Confinement({
      privileges: false,
      capabilities: false,
      files: false,
      systemCalls: false,
      memory: false,
    });
    assert.equal(bare.describeMissing().length, 5);
    const { attempt } = await start(t, { memoryBytes: 800 * 1024 ** 2 }, bare);
    const refused = await attempt({ kind: 'fill', pages: 1000, memories: 30 });
    assert.match(refused.text, /could not allocate memory/);
    assert.match((await attempt({ kind: 'run', path: '/bin/ls' })).text, /ERR_ACCESS_DENIED/);
  });
});

test('what is missing is told, and nothing where all is enforced', () => {
  const all = {
    privileges: true,
    capabilities: true,
    files: true,
    systemCalls: true,
    memory: true,
  };
  assert.deepEqual(new Confinement(all).describeMissing(), []);
  assert.match(new Confinement({ ...all, files: false }).describeMissing().join(), /Landlock/);
});
