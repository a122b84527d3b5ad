/** Hosts of URLs: domains, IPv4 and IPv6 addresses (the URL Standard, section 3). */
import { ENCODE_SETS, percentDecode, percentEncode } from './percent.ts';
import { toPunycode } from './punycode.ts';

// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const FORBIDDEN_IN_DOMAIN = /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/;

/** Returns the host in the form that URLs use; undefined if it is invalid. */
export function parseHost(text: string, isSpecial: boolean): string | undefined {
  if (text.startsWith('[')) {
    const pieces = text.endsWith(']') ? parseIpv6(text.slice(1, -1)) : undefined;
    return pieces === undefined ? undefined : `[${serializeIpv6(pieces)}]`;
  }
  if (!isSpecial) {
    return FORBIDDEN.test(text) ? undefined : percentEncode(text, ENCODE_SETS.control);
  }
  const domain = toAscii(percentDecode(text));
  if (domain === undefined || domain === '' || FORBIDDEN_IN_DOMAIN.test(domain)) return undefined;
  return endsInNumber(domain) ? parseIpv4(domain) : domain;
}

/** Converts a non-ASCII domain: case folding and composition, without the rest of the mapping table of UTS 46. */
function toAscii(domain: string): string | undefined {
  // eslint-disable-next-line no-control-regex
  if (/^[\0-\x7f]*$/.test(domain)) return domain.toLowerCase();
  const mapped = domain
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFC')
    .replaceAll(/[。.。]/g, '.');
  if (mapped.includes('\ufffd')) return undefined;
  return (
    mapped
      .split('.')
      // eslint-disable-next-line no-control-regex
      .map((label) => (/^[\0-\x7f]*$/.test(label) ? label : `xn--${toPunycode(label)}`))
      .join('.')
  );
}

function endsInNumber(domain: string): boolean {
  const parts = domain.split('.');
  if (parts.at(-1) === '' && parts.length > 1) parts.pop();
  const last = parts.at(-1) ?? '';
  return /^\d+$/.test(last) || /^0x[\da-f]*$/i.test(last);
}

function parseIpv4(domain: string): string | undefined {
  const parts = domain.split('.');
  if (parts.at(-1) === '' && parts.length > 1) parts.pop();
  if (parts.length > 4) return undefined;
  const numbers = parts.map(parseIpv4Number);
  const last = numbers.pop();
  if (last === undefined || numbers.some((number) => number === undefined || number > 255)) {
    return undefined;
  }
  if (!(last < 256 ** (4 - numbers.length))) return undefined;
  const address = numbers.reduce<number>(
    (sum, number, index) => sum + (number ?? 0) * 256 ** (3 - index),
    last,
  );
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

function parseIpv4Number(text: string): number | undefined {
  if (/^0x[\da-f]*$/i.test(text)) return text.length === 2 ? 0 : Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^\d+$/.test(text) ? (text.startsWith('0') ? undefined : Number(text)) : undefined;
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const sides = halves.map((half, index) =>
    half === '' ? [] : pieces(half, index === halves.length - 1),
  );
  const [left, right] = sides;
  if (left === undefined || sides.includes(undefined)) return undefined;
  if (halves.length === 1) return left.length === 8 && text !== '' ? left : undefined;
  const missing = 8 - left.length - (right?.length ?? 0);
  return missing < 1 ? undefined : [...left, ...Array<number>(missing).fill(0), ...(right ?? [])];
}

function pieces(text: string, mayEndInIpv4: boolean): number[] | undefined {
  const parts = text.split(':');
  const numbers: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes('.')) {
      const bytes = part.split('.');
      if (bytes.length !== 4) return undefined;
      if (!bytes.every((byte) => /^(?:0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256)) {
        return undefined;
      }
      const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
      numbers.push(a * 256 + b, c * 256 + d);
    } else if (/^[\da-f]{1,4}$/i.test(part)) numbers.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return numbers;
}

/** The longest run of zeros, the first of several, is written as `::`. */
function serializeIpv6(numbers: readonly number[]): string {
  let [best, bestLength] = [-1, 1];
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (to < 8 && numbers[to] === 0) to++;
    if (to - from > bestLength) [best, bestLength] = [from, to - from];
  }
  const text = (list: readonly number[]): string =>
    list.map((number) => number.toString(16)).join(':');
  if (best < 0) return text(numbers);
  return `${text(numbers.slice(0, best))}::${text(numbers.slice(best + bestLength))}`;
}
