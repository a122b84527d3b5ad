/** A confined process that attempts what its parent requests, and reports the outcome. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { connect } from 'node:net';

export type Attempt =
  | { readonly kind: 'read' | 'write' | 'run'; readonly path: string }
  | { readonly kind: 'signal' }
  | { readonly kind: 'exists'; readonly pid: number }
  | { readonly kind: 'connect'; readonly port: number }
  | { readonly kind: 'fill'; readonly pages: number; readonly memories: number }
  /** A system call; needs `--experimental-ffi`. Its text is the error number, 0 if it succeeded. */
  | {
      readonly kind: 'call';
      readonly number: number;
      readonly first: number;
      readonly second: number;
    }
  /** Its text is the path of standard input. */
  | { readonly kind: 'input' }
  /** Its text is the folder of compiled code that Node uses, or empty. */
  | { readonly kind: 'code-cache' }
  | { readonly kind: 'status' };

type KernelCall = Extract<Attempt, { kind: 'call' }>;

/** Memories are kept, like those of guests. */
const filled: WebAssembly.Memory[] = [];

process.on('message', (attempt: Attempt) => {
  void tryIt(attempt).then(
    (text) => process.send?.({ done: true, text }),
    (error: unknown) => {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      process.send?.({ done: false, text: String(code ?? error) });
    },
  );
});
process.send?.('ready');

async function tryIt(attempt: Attempt): Promise<string> {
  switch (attempt.kind) {
    case 'read':
      return readFileSync(attempt.path, 'utf8');
    case 'write':
      writeFileSync(attempt.path, 'written');
      return '';
    case 'run':
      return execFileSync(attempt.path, ['--version']).toString();
    case 'signal':
      process.kill(process.ppid, 'SIGCONT');
      return '';
    case 'exists':
      process.kill(attempt.pid, 0);
      return '';
    case 'connect':
      return new Promise((resolve, reject) => {
        const socket = connect(attempt.port, '127.0.0.1', () => {
          socket.destroy();
          resolve('connected');
        });
        socket.on('error', reject);
      });
    case 'fill':
      for (let i = 0; i < attempt.memories; i += 1) {
        filled.push(new WebAssembly.Memory({ initial: attempt.pages }));
      }
      return '';
    case 'call':
      return String(await callKernel(attempt));
    case 'input':
      return readlinkSync('/proc/self/fd/0');
    case 'code-cache':
      return getCompileCacheDir() ?? '';
    case 'status':
      return readFileSync('/proc/self/status', 'utf8');
  }
}

/** The other arguments are those of `prlimit64` and `socket`: they are valid, and change nothing. */
async function callKernel({ number, first, second }: KernelCall): Promise<number> {
  // Other attempts are made without the flag that this module needs.
  const { dlopen, getInt32, getRawPointer } = await import('node:ffi');
  const { functions } = dlopen(null, {
    syscall: { return: 'i64', arguments: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64'] },
    [ERRNO]: { return: 'u64', arguments: [] },
  });
  const errorNumber = functions[ERRNO]();
  const found = Buffer.alloc(16);
  const outcome = functions.syscall(
    BigInt(number),
    BigInt(first),
    BigInt(second),
    0n,
    getRawPointer(found),
    0n,
    0n,
  );
  return outcome === -1n ? getInt32(errorNumber) : 0;
}

const ERRNO = '__errno_location';
