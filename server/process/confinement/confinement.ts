/**
 * Starts a process that runs untrusted code with only the rights that it needs.
 *
 * There are two layers. The kernel's restrictions (`launcher.ts`) hold after a guest has escaped from V8: no other files,
 * no new processes, no signals, no capabilities, limited memory. Node's permission model holds against defects of our
 * own. If the kernel cannot enforce something, `confine` enforces the rest, and `describeMissing` reports what is not
 * enforced.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LaunchCommand } from '../supervisor/kinds.ts';
import { CAPABILITY, ENFORCED, type Enforced, type Launch } from './rights.ts';

export interface Needs {
  /** Private writable memory: V8's heap, code, wasm memories and stacks together. An allocation past it fails. */
  readonly memoryBytes: number;
  /** Files and folders that it reads, in addition to the program itself. */
  readonly readable?: readonly string[];
  /** Folders that it reads and writes. They must exist. */
  readonly writable?: readonly string[];
  /**
   * Node's cache of compiled code, which the process may only read: by changing it, it could run code in other processes.
   */
  readonly codeCache?: string | undefined;
  readonly hasNetwork?: boolean;
  /** Listens at a port below 1024. */
  readonly hasLowPort?: boolean;
  /** Its complete environment. */
  readonly env?: LaunchCommand['env'];
  /** Additional flags of Node and V8. */
  readonly nodeFlags?: readonly string[];
}

const LAUNCHER = fileURLToPath(new URL('./launcher.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** The files of the program, without data folders that may be beside them. */
const PROGRAM = [
  'olin',
  'server',
  'examples',
  'sdk',
  'scripts',
  'migrations',
  'node_modules',
  'package.json',
];
const PROBE_MS = 30_000;
const NOTHING: Enforced = {
  privileges: false,
  capabilities: false,
  files: false,
  systemCalls: false,
  memory: false,
};
/** Sets the restrictions that a shell can set; uses setpriv if it is available and works. */
const SHELL =
  'ulimit -c 0; ulimit -d "$0"; if setpriv --no-new-privs true; then exec setpriv --no-new-privs "$@"; fi; exec "$@"';

export class Confinement {
  /** The restrictions that the kernel enforces on this system. */
  readonly enforced: Enforced;
  readonly #platform: string;

  constructor(enforced: Enforced, platform: string = process.platform) {
    this.enforced = enforced;
    this.#platform = platform;
  }

  static #opened: Promise<Confinement> | undefined;

  /** Determines what this system can enforce, by starting a confined program. Runs once per process. */
  static open(): Promise<Confinement> {
    Confinement.#opened ??= (
      process.platform === 'linux' ? probe() : Promise.resolve(NOTHING)
    ).then((enforced) => new Confinement(enforced));
    return Confinement.#opened;
  }

  /** The process keeps its id, its pipes and its channel. */
  confine(needs: Needs): LaunchCommand {
    const { memoryBytes, writable = [], env = {} } = needs;
    const caches = needs.codeCache === undefined ? [] : [needs.codeCache];
    const readable = [...PROGRAM.map((part) => ROOT + part), ...(needs.readable ?? []), ...caches];
    // Node uses a cache only if its permission model allows writing. The kernel refuses it.
    const writableForNode = [...writable, ...(this.enforced.files ? caches : [])];
    const nodeArgs = [
      '--permission',
      ...[...readable, ...writable, '/proc'].map((path) => `--allow-fs-read=${path}`),
      ...writableForNode.map((path) => `--allow-fs-write=${path}`),
      ...(needs.hasNetwork === true ? ['--allow-net'] : []),
      // A signal would open a debugger.
      '--disable-sigusr1',
      // --allow-net is new, and Node says so.
      '--no-warnings',
      ...(needs.nodeFlags ?? []),
    ];
    if (this.enforced.privileges) {
      const launch: Launch = {
        memoryBytes,
        readable,
        writable,
        hasNetwork: needs.hasNetwork === true,
        capabilities: needs.hasLowPort === true ? [CAPABILITY.netBindService] : [],
      };
      return { prefix: launcherCommand(launch), nodeArgs, env };
    }
    if (this.#platform !== 'linux') return { prefix: [], nodeArgs, env };
    const kibibytes = String(Math.floor(memoryBytes / 1024));
    return { prefix: ['/bin/sh', '-c', SHELL, kibibytes], nodeArgs, env };
  }

  /** Returns sentences for the operator; none if everything is enforced. */
  describeMissing(): string[] {
    return Object.entries(MISSING).flatMap(([name, text]) =>
      Object.entries(this.enforced).some(([known, is]) => known === name && is) ? [] : [text],
    );
  }
}

const MISSING: Readonly<Record<keyof Enforced, string>> = {
  privileges: 'Processes of guests can gain privileges (no_new_privs is not available).',
  capabilities:
    'Processes of guests keep the capabilities of this user: do not run the server as root.',
  files:
    'The kernel does not restrict the files that processes of guests can open (Landlock, Linux 5.13).',
  systemCalls:
    'The kernel does not prevent processes of guests from starting programs and signalling others (seccomp).',
  memory: 'The kernel does not limit the memory of processes of guests (RLIMIT_DATA).',
};

function launcherCommand(launch: Launch): string[] {
  const flags = ['--experimental-ffi', '--no-warnings'];
  return [process.execPath, ...flags, LAUNCHER, JSON.stringify(launch)];
}

function codeCacheOf({ NODE_COMPILE_CACHE: folder }: LaunchCommand['env']): Record<string, string> {
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

async function probe(): Promise<Enforced> {
  const launch: Launch = {
    memoryBytes: 2 ** 32,
    readable: [],
    writable: [],
    capabilities: [],
    hasNetwork: false,
  };
  const [command = '', ...args] = launcherCommand(launch);
  const program = [process.execPath, '-p', `process.env.${ENFORCED}`];
  try {
    const { stdout } = await promisify(execFile)(command, [...args, ...program], {
      env: codeCacheOf(process.env),
      timeout: PROBE_MS,
    });
    const found: Partial<Enforced> = JSON.parse(stdout);
    return { ...NOTHING, ...found };
  } catch {
    return NOTHING;
  }
}
