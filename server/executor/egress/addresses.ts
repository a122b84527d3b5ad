/**
 * Decides which addresses guests may reach: public Internet addresses, except this machine's own. Source: the IANA
 * special-purpose address registries (RFC 6890 and its successors).
 */
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

const REFUSED_V4: readonly (readonly [net: string, bits: number])[] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // Azure's platform services, from its virtual machines
  ['169.254.0.0', 16], // link-local; metadata services of clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.31.196.0', 24], // AS112
  ['192.52.193.0', 24], // AMT
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['192.175.48.0', 24], // AS112
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved; broadcast
];

/** The global unicast range, and the special-purpose ranges within it. */
const ROUTED_V6 = ['2000::', 3] as const;
const REFUSED_V6: readonly (readonly [net: string, bits: number])[] = [
  ['2001::', 23], // protocol assignments; Teredo, which embeds an IPv4 address
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which embeds an IPv4 address
  ['2620:4f:8000::', 48], // AS112
  ['3fff::', 20], // documentation
];

const refused = new BlockList();
for (const [net, bits] of REFUSED_V4) refused.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of REFUSED_V6) refused.addSubnet(net, bits, 'ipv6');
const routed = new BlockList();
routed.addSubnet(...ROUTED_V6, 'ipv6');

/** Whether a guest may connect to an address. False for text that is not an address. */
export function isReachable(address: string): boolean {
  // Only link-local addresses have a zone (`fe80::1%eth0`).
  const version = isIP(address);
  if (version === 0 || address.includes('%') || isOwn(address)) return false;
  if (version === 4) return !refused.check(address, 'ipv4');
  return routed.check(address, 'ipv6') && !refused.check(address, 'ipv6');
}

/** A service may listen on this machine's public address and rely on a firewall, which does not filter local connections. */
function isOwn(address: string): boolean {
  const own = new BlockList();
  for (const each of Object.values(networkInterfaces()).flat()) {
    if (each === undefined) continue;
    own.addAddress(each.address.replace(/%.*$/, ''), each.family === 'IPv6' ? 'ipv6' : 'ipv4');
  }
  return own.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
