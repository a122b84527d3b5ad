/** A guest with 16 MiB of memory, and a policy that allows it, for cases about the work of system calls. */
import { parsePolicy } from '../../policy/policy.ts';
import type { CaseOptions } from '../conform.ts';
import { guest, type GuestOptions } from '../guest.ts';

const LARGE: GuestOptions = { wasi: true, memory: '(memory (export "memory") 256)' };
export const large = (body: string, options?: GuestOptions): string =>
  guest(body, { ...LARGE, ...options });
export const ROOM = parsePolicy('gas-limit 30000000\nram-page-limit 300\n');
export const roomy =
  (given: CaseOptions = {}) =>
  (): CaseOptions => ({ policy: ROOM, ...given });

/** Repeats code, with the local `$n` as its counter. */
export function times(rounds: number, body: string): string {
  return `(local.set $n #0) (loop $more ${body}
    (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #${rounds})))`;
}
