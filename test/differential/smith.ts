/** Random modules of wasm-tools smith: every feature, in unusual combinations. */
import { execFileSync } from 'node:child_process';

import { randomOf } from './random.ts';

const OPTIONS: Readonly<Record<string, string>> = {
  'max-imports': '0',
  'min-funcs': '3',
  'max-funcs': '12',
  'export-everything': 'true',
  'threads-enabled': 'false',
  'min-types': '2',
  'gc-enabled': 'true',
  'exceptions-enabled': 'true',
  'memory64-enabled': 'true',
  'tail-call-enabled': 'true',
  'min-memories': '1',
  'max-memories': '3',
  'max-memory32-bytes': '1310720',
  'max-memory64-bytes': '1310720',
  'max-table-elements': '1000',
  'max-instructions': '400',
};

/** Returns the module for a seed; it terminates by itself. */
export function smithModule(tool: string, seed: number): Uint8Array<ArrayBuffer> {
  const pick = randomOf(seed);
  const input = Uint8Array.from({ length: 4000 }, () => pick(256));
  const options = Object.entries(OPTIONS).flatMap(([name, value]) => [`--${name}`, value]);
  const args = ['smith', '--ensure-termination', ...options];
  return new Uint8Array(execFileSync(tool, args, { input, stdio: ['pipe', 'pipe', 'pipe'] }));
}
