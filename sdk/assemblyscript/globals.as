// Functions that the language itself calls. The compiler uses these instead of imports that runtimes lack.
import * as raw from './raw';
import { stderr, stdout } from './stream';

/** Called for a failed assertion, an index out of bounds or a thrown error: logs an error and then traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  let text = message === null ? 'abort' : message;
  // The compiler requires the extension .ts; the user's file has .as.
  if (file !== null) text += ' at ' + file.replace('.ts', '.as') + ':' + line.toString() + ':' + column.toString();
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  raw.log_write(1, bytes.dataStart, bytes.length);
  unreachable();
}

/** Seeds Math.random. */
export function seed(): f64 {
  return reinterpret<f64>(raw.random_u64());
}

/** The global `trace`: writes a line of level info to the log. */
export function trace(message: string, n: i32 = 0, a: f64 = 0, b: f64 = 0, c: f64 = 0, d: f64 = 0, e: f64 = 0): void {
  let text = message;
  const values = [a, b, c, d, e];
  for (let i = 0; i < n; i++) text += ' ' + values[i].toString();
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  raw.log_write(6, bytes.dataStart, bytes.length);
}

/** The global `console`: `log` and `info` go to standard output, the others to standard error. */
export namespace console {
  export function log(text: string): void {
    stdout.write(text + '\n');
  }
  export function info(text: string): void {
    stdout.write(text + '\n');
  }
  export function warn(text: string): void {
    stderr.write(text + '\n');
  }
  export function error(text: string): void {
    stderr.write(text + '\n');
  }
}
