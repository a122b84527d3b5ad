/** Identifies callers by address, for limits per caller. */
import { isIPv6 } from 'node:net';

/** Longer text is not an address, and is truncated. */
const MAX_ADDRESS_CHARACTERS = 64;

/** Whether a caller is on this machine. */
export function isLocal(address: string): boolean {
  return /^(?:::ffff:)?127\.|^::1$/i.test(address);
}

/** Identifies a caller by address. For IPv6 it is the /64 prefix, since its holder controls all addresses in it. */
export function callerOf(address: string): string {
  const text = address.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(text)) return text.slice(0, MAX_ADDRESS_CHARACTERS);
  const [before = '', after] = text.split('::');
  const groups = before === '' ? [] : before.split(':');
  if (after !== undefined) {
    const tail = after === '' ? [] : after.split(':');
    while (groups.length + tail.length < 8) groups.push('0');
  }
  const net = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${net.join(':')}::/64`;
}
