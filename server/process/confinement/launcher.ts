/**
 * Gives up rights, then becomes the program that it was asked to start: same process id, same pipes.
 *
 * `node --experimental-ffi launcher.ts LAUNCH PROGRAM ARGUMENTS`, where LAUNCH is a {@link Launch} as JSON. What cannot
 * be given up on this system is left; `confinement.ts` finds out first, by a launch of a program that reports.
 */
import { closeSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs';
import * as kernel from './kernel.ts';
import { ENFORCED, type Enforced, type Launch } from './rights.ts';

/** Folders that Node, the C library and OpenSSL read. No home folder, no data. */
const SYSTEM = ['/usr', '/lib', '/lib64', '/etc', '/proc', '/sys', '/dev', '/run/systemd/resolve'];
const [, , text = '{}', path = '', ...rest] = process.argv;

becomeConfined(JSON.parse(text), realpathSync(path), rest);

function becomeConfined(launch: Launch, program: string, args: readonly string[]): void {
  const { memoryBytes, readable, writable, capabilities, hasNetwork } = launch;
  kernel.setLimit(kernel.RLIMITS.core, 0);
  const enforced: Enforced = {
    memory: kernel.setLimit(kernel.RLIMITS.data, memoryBytes),
    privileges: kernel.forbidNewPrivileges(),
    // Another user than root has none.
    capabilities: process.getuid?.() !== 0 || kernel.dropCapabilities(capabilities),
    files: kernel.confineFiles({
      readable: [...SYSTEM, ...readable],
      writable: ['/dev/null', ...writable],
      executable: [program, ...loadersOf(program)],
    }),
    systemCalls: kernel.denySystemCalls({ hasNetwork }),
  };
  // As it was given; Node has taken the channel to its parent out of its own copy.
  const given = readFileSync('/proc/self/environ', 'utf8').split('\0').filter(Boolean);
  const channel = given.find((each) => each.startsWith('NODE_CHANNEL_FD='))?.split('=')[1];
  const env = [...given, `${ENFORCED}=${JSON.stringify(enforced)}`];
  // Node has marked the standard streams to be closed, too.
  kernel.become(program, args, env, [0, 1, 2, ...(channel === undefined ? [] : [Number(channel)])]);
  process.stderr.write('A confined process could not be started.\n');
  process.exit(127);
}

/** The dynamic loader that the kernel starts a program with, from its first page. */
function loadersOf(program: string): string[] {
  const page = Buffer.alloc(4096);
  const file = openSync(program, 'r');
  readSync(file, page);
  closeSync(file);
  const path = /\/[\w./-]*ld-[\w.-]+\.so[\w.]*/.exec(page.toString('latin1'))?.[0];
  return path === undefined ? [] : [path, realpathSync(path)];
}
