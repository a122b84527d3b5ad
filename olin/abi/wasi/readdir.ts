/** Reading of directories. */
import type { DirectoryNode, Entry } from '../../files/nodes.ts';
import { CALL_RATES, gasFor } from '../../run/call-cost.ts';
import type { Process } from '../../run/process.ts';
import type { GuestRange } from '../declare.ts';
import { FILE_TYPE, openedDirectory } from './files.ts';
import { writeU32 } from './wire.ts';

const HEADER_BYTES = 24;
const SELF = 1n;
const PARENT = 2n;
const utf8 = new TextEncoder();

/**
 * Writes entries until the buffer is full; the last one may be cut off. Fewer bytes than the buffer's size mean the
 * end.
 */
export function readDirectory(
  process: Process,
  fd: number,
  { base, length }: GuestRange,
  cookie: bigint,
  used: number,
): void {
  const { node } = openedDirectory(process, fd);
  process.memory.check(used, 4);
  const buffer = process.memory.view(base, length);
  let at = 0;
  for (const entry of entriesAfter(node, cookie)) {
    if (at === length) break;
    process.charge(CALL_RATES.item.gas + gasFor('moved', HEADER_BYTES + entry.name.length));
    const bytes = encode(entry).subarray(0, length - at);
    buffer.set(bytes, at);
    at += bytes.length;
  }
  process.countRead(at);
  writeU32(process, used, at);
}

function* entriesAfter(
  directory: DirectoryNode,
  cookie: bigint,
): Generator<Pick<Entry, 'name' | 'node' | 'cookie'>> {
  if (cookie < SELF) yield { name: '.', node: directory, cookie: SELF };
  if (cookie < PARENT) yield { name: '..', node: directory.parent ?? directory, cookie: PARENT };
  yield* directory.after(cookie);
}

function encode({ name, node, cookie }: Pick<Entry, 'name' | 'node' | 'cookie'>): Uint8Array {
  const text = utf8.encode(name);
  const bytes = new Uint8Array(HEADER_BYTES + text.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, cookie, true);
  view.setBigUint64(8, node.inode, true);
  view.setUint32(16, text.length, true);
  view.setUint8(20, FILE_TYPE[node.kind]);
  bytes.set(text, HEADER_BYTES);
  return bytes;
}
