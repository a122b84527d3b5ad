/**
 * Gives up rights, then replaces itself by the program to start, with the same process id and pipes.
 *
 * `node --experimental-ffi launcher.ts LAUNCH PROGRAM ARGUMENTS`, where LAUNCH is a {@link Launch} as JSON.
 * Restrictions that this system does not support are skipped; `confinement.ts` detects them first by launching a
 * program that reports them.
 */
import { closeSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs';
import * as kernel from './kernel.ts';
import { ENFORCED, type Enforced, type Launch } from './rights.ts';

/** Folders that Node, the C library and OpenSSL read; no home folders and no data. */
const SYSTEM = ['/usr', '/lib', '/lib64', '/etc', '/proc', '/sys', '/dev', '/run/systemd/resolve'];
const [, , text = '{}', path = '', ...rest] = process.argv;

becomeConfined(JSON.parse(text), realpathSync(path), rest);

function becomeConfined(launch: Launch, program: string, args: readonly string[]): void {
  const { memoryBytes, readable, writable, capabilities, hasNetwork } = launch;
  kernel.setLimit(kernel.RLIMITS.core, 0);
  const enforced: Enforced = {
    memory: kernel.setLimit(kernel.RLIMITS.data, memoryBytes),
    privileges: kernel.forbidNewPrivileges(),
    // Users other than root have none.
    capabilities: process.getuid?.() !== 0 || kernel.dropCapabilities(capabilities),
    files: kernel.confineFiles({
      readable: [...SYSTEM, ...readable],
      writable: ['/dev/null', ...writable],
      executable: [program, ...loadersOf(program)],
    }),
    systemCalls: kernel.denySystemCalls({ hasNetwork }),
  };
  // The original environment: Node has removed the channel to its parent from its own copy.
  const given = readFileSync('/proc/self/environ', 'utf8').split('\0').filter(Boolean);
  const channel = given.find((each) => each.startsWith('NODE_CHANNEL_FD='))?.split('=')[1];
  const env = [...given, `${ENFORCED}=${JSON.stringify(enforced)}`];
  // Node has marked the standard streams close-on-exec too.
  kernel.become(program, args, env, [0, 1, 2, ...(channel === undefined ? [] : [Number(channel)])]);
  process.stderr.write('A confined process could not be started.\n');
  process.exit(127);
}

/** Returns the dynamic loaders of a program, read from its first page. */
function loadersOf(program: string): string[] {
  const page = Buffer.alloc(4096);
  const file = openSync(program, 'r');
  readSync(file, page);
  closeSync(file);
  const path = /\/[\w./-]*ld-[\w.-]+\.so[\w.]*/.exec(page.toString('latin1'))?.[0];
  return path === undefined ? [] : [path, realpathSync(path)];
}
