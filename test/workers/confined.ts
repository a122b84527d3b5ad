/** A confined process that tries what it is asked to, and says how that ended. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

export type Attempt =
  | { readonly kind: 'read' | 'write' | 'run'; readonly path: string }
  | { readonly kind: 'signal' }
  | { readonly kind: 'connect'; readonly port: number }
  | { readonly kind: 'fill'; readonly pages: number; readonly memories: number }
  | { readonly kind: 'status' };

/** Memories stay, as those of guests do. */
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
    case 'status':
      return readFileSync('/proc/self/status', 'utf8');
  }
}
