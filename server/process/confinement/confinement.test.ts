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
import {
  CONDITIONAL_CALLS,
  DENIED_CALLS,
  DENIED_COMMANDS,
  denyProgram,
  FIRST_UNKNOWN_CALL,
  FREQUENT_CALLS,
  type CallNumbers,
} from './seccomp.ts';

const PROGRAM = new URL('../../../test/workers/confined.ts', import.meta.url).pathname;
const onLinux = { skip: process.platform !== 'linux' };
const confinement = await Confinement.open();
const calls = {
  skip: confinement.enforced.systemCalls ? false : 'this kernel or container has no seccomp',
};
const kernelOnly = {
  skip:
    confinement.enforced.files && confinement.enforced.systemCalls
      ? false
      : 'this kernel or container has no Landlock or no seccomp',
};
const EPERM = '1';
const ENOSYS = '38';
/** F_GETFL, F_SETFL and FIONREAD, which Node uses. */
const ALLOWED_COMMANDS = { fcntl: [3, 4], ioctl: [0x541b] };
const SIGCHLD = 17;
/** Above the largest process id of Linux. */
const NOBODY = 2 ** 22 + 1;
const AF = { unix: 1, inet: 2, inet6: 10, packet: 17, alg: 38, vsock: 40 };
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';

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

/** Runs a filter for a system call without arguments, as the kernel does. */
function walk(program: Buffer, number: number): { allows: boolean; steps: number } {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(arch === 'x64' ? 0xc000_003e : 0xc000_00b7, 4);
  let value = 0;
  for (let at = 0, steps = 1; ; at += 1, steps += 1) {
    const code = program.readUInt16LE(8 * at);
    const k = program.readUInt32LE(8 * at + 4);
    if (code === 0x06) return { allows: k === 0x7fff_0000, steps };
    if (code === 0x20) value = data.readUInt32LE(k);
    else {
      const isTrue =
        code === 0x15 ? value === k : code === 0x35 ? value >= k : (value & k) >>> 0 !== 0;
      at += program.readUInt8(8 * at + (isTrue ? 2 : 3));
    }
  }
}

/** The restrictions of the kernel alone, as after an escape from V8: without Node's permission model. */
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
  test(
    'makes no system call by which it could reach other processes or the kernel',
    calls,
    async (t) => {
      const needs = { nodeFlags: ['--experimental-ffi'], hasNetwork: true };
      const { attempt } = await start(t, needs, withoutNode(confinement));
      assert.match((await attempt({ kind: 'status' })).text, /^Seccomp:\t2$/m);
      // By default SOCK_DGRAM for `socket`, and RLIMIT_DATA for `prlimit64`.
      const errorOf = async (number: number, first = 0, second = 2): Promise<string> =>
        (await attempt({ kind: 'call', number, first, second })).text;
      for (const [name, { [arch]: number }] of Object.entries<CallNumbers>(DENIED_CALLS)) {
        if (number !== undefined) assert.equal(await errorOf(number), EPERM, name);
      }
      for (const call of ['fcntl', 'ioctl'] as const) {
        const number = CONDITIONAL_CALLS[call][arch];
        for (const [name, command] of Object.entries(DENIED_COMMANDS[call])) {
          assert.equal(await errorOf(number, 0, command), EPERM, name);
          // The kernel ignores the upper half of the argument.
          assert.equal(await errorOf(number, 0, command + 2 ** 32), EPERM, `long ${name}`);
        }
        for (const command of ALLOWED_COMMANDS[call]) {
          assert.notEqual(await errorOf(number, 0, command), EPERM, `${call} ${command}`);
        }
      }
      for (const number of [FIRST_UNKNOWN_CALL, FIRST_UNKNOWN_CALL + 100, 2 ** 30 - 1]) {
        assert.equal(await errorOf(number), ENOSYS, `call ${number}`);
      }
      const { clone, kill, prlimit64, socket } = CONDITIONAL_CALLS;
      assert.equal(await errorOf(kill[arch], process.pid), EPERM, 'a signal');
      // Signal 0 only checks whether the process exists.
      assert.equal((await attempt({ kind: 'exists', pid: NOBODY })).text, 'ESRCH');
      assert.equal(await errorOf(clone[arch], SIGCHLD), EPERM, 'a process');
      assert.equal(await errorOf(prlimit64[arch], process.pid), EPERM, 'limits of another process');
      assert.equal(await errorOf(prlimit64[arch]), '0', 'its own limits');
      for (const family of [AF.unix, AF.inet, AF.inet6]) {
        assert.equal(await errorOf(socket[arch], family), '0', `family ${family}`);
      }
      for (const family of [AF.packet, AF.alg, AF.vsock]) {
        assert.equal(await errorOf(socket[arch], family), EPERM, `family ${family}`);
      }
    },
  );

  test('has no input, which could be the terminal of the server', onLinux, async (t) => {
    const { attempt } = await start(t);
    assert.equal((await attempt({ kind: 'input' })).text, '/dev/null');
  });

  test('pays for no list with each of its frequent system calls', () => {
    const denied = new Set(Object.values<CallNumbers>(DENIED_CALLS).map((each) => each[arch]));
    const conditional = new Set<number>(Object.values(CONDITIONAL_CALLS).map((each) => each[arch]));
    const program = denyProgram({ arch, pid: 1, hasNetwork: true });
    assert.ok(program !== undefined);
    for (const [name, { [arch]: number }] of Object.entries<CallNumbers>(FREQUENT_CALLS)) {
      if (number === undefined) continue;
      assert.ok(!denied.has(number) && !conditional.has(number), name);
      const { allows, steps } = walk(program, number);
      assert.ok(allows && steps <= 25, `${name}: ${steps} steps`);
    }
    for (const number of denied) {
      if (number !== undefined) assert.equal(walk(program, number).allows, false);
    }
  });

  const walls: [string, Confinement, object][] = [
    ['by Node', confinement, {}],
    ['by the kernel alone, as after an escape from V8', withoutNode(confinement), kernelOnly],
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

  test('starts with cached compiled code, and cannot change it', kernelOnly, async (t) => {
    const codeCache = await mkdtemp(join(tmpdir(), 'trisiel-cache-'));
    atEnd(t, () => rm(codeCache, { recursive: true }));
    const { attempt } = await start(t, { codeCache, env: { NODE_COMPILE_CACHE: codeCache } });
    const { text: used } = await attempt({ kind: 'code-cache' });
    assert.ok(used.startsWith(codeCache), 'Node does not use the cache');
    for (const folder of [codeCache, used]) {
      const refused = await attempt({ kind: 'write', path: join(folder, 'entry') });
      assert.equal(refused.text, 'EACCES');
    }
  });

  test(
    'signals no process, and reads no environment, of the server that started it',
    kernelOnly,
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

  test(
    'is refused memory at its limit and continues, and others keep theirs',
    onLinux,
    async (t) => {
      const [greedy, other] = await Promise.all([
        start(t, { memoryBytes: 800 * 1024 ** 2 }),
        start(t, { memoryBytes: 800 * 1024 ** 2 }),
      ]);
      const refused = await greedy.attempt({ kind: 'fill', pages: 1000, memories: 30 });
      assert.match(refused.text, /could not allocate memory/);
      assert.equal((await greedy.attempt({ kind: 'status' })).done, true);
      const taken = await other.attempt({ kind: 'fill', pages: 1000, memories: 2 });
      assert.equal(taken.done, true, taken.text);
    },
  );

  test('reaches the network only if it needs it', async (t) => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    atEnd(t, () => server.close());
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const { port } = address;
    const [without, having, escaped] = await Promise.all([
      start(t),
      start(t, { hasNetwork: true }),
      start(t, {}, withoutNode(confinement)),
    ]);
    assert.equal((await without.attempt({ kind: 'connect', port })).text, 'ERR_ACCESS_DENIED');
    assert.equal((await having.attempt({ kind: 'connect', port })).text, 'connected');
    if (confinement.enforced.systemCalls) {
      assert.match((await escaped.attempt({ kind: 'connect', port })).text, /EPERM/);
    }
  });

  test('is still restricted if newer features of the kernel are missing', onLinux, async (t) => {
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

test('missing restrictions are described, and nothing is if all are enforced', () => {
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
