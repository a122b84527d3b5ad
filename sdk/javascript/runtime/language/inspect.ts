/** Formats values as text for the log. */
import { mapStack } from './source-map.ts';

const MAX_DEPTH = 3;
const MAX_ITEMS = 50;

/** Formats the arguments of console.log. The first may contain %s, %d, %i, %f, %j, %o and %O. */
export function format(args: readonly unknown[]): string {
  const [first] = args;
  if (typeof first !== 'string' || !first.includes('%')) return args.map(showTop).join(' ');
  let at = 1;
  const text = first.replace(/%[sdifjoOc%]/g, (place) => {
    if (place === '%%') return '%';
    if (at >= args.length) return place;
    const value = args[at++];
    if (place === '%s') return typeof value === 'object' ? inspect(value) : String(value);
    if (place === '%d' || place === '%f') return String(Number(value));
    if (place === '%i') return String(Math.trunc(Number(value)));
    if (place === '%j') return JSON.stringify(value) ?? 'undefined';
    return place === '%c' ? '' : inspect(value);
  });
  return [text, ...args.slice(at).map(showTop)].join(' ');
}

const showTop = (value: unknown): string => (typeof value === 'string' ? value : inspect(value));

export function inspect(value: unknown, depth = 0, above: readonly object[] = []): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'function') return `[Function: ${value.name || '(anonymous)'}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (above.includes(value)) return '[Circular]';
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  }
  if (value instanceof RegExp) return String(value);
  if (value instanceof Promise) return 'Promise {}';
  const name = typeName(value);
  if (depth >= MAX_DEPTH) return Array.isArray(value) ? '[Array]' : `[${name || 'Object'}]`;
  const inner = (one: unknown): string => inspect(one, depth + 1, [...above, value]);
  if (Array.isArray(value)) return list('[', value.map(inner), ']');
  if (value instanceof Set) return `Set(${value.size}) ${list('{ ', [...value].map(inner), ' }')}`;
  if (value instanceof Map) {
    const items = [...value].map(([key, one]) => `${inner(key)} => ${inner(one)}`);
    return `Map(${value.size}) ${list('{ ', items, ' }')}`;
  }
  if (value instanceof ArrayBuffer) return `ArrayBuffer { byteLength: ${value.byteLength} }`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const items = Array.from(value as Uint8Array, inner);
    return `${name}(${items.length}) ${list('[ ', items, ' ]')}`;
  }
  const shown = 'toString' in value && hasOwnText(value) ? String(value) : undefined;
  if (shown !== undefined) return shown;
  const items = Object.entries(value).map(([key, one]) => {
    const label = /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
    return `${label}: ${inner(one)}`;
  });
  const body = list('{ ', items, ' }');
  return name === '' || name === 'Object' ? body : `${name} ${body}`;
}

/** Whether the class overrides `toString` and the object has no enumerable properties, such as a URL. */
function hasOwnText(value: object): boolean {
  const { toString } = value;
  return toString !== Object.prototype.toString && Object.keys(value).length === 0;
}

function typeName(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== 'object' || prototype === null) return '[Object: null prototype]';
  const { constructor } = prototype;
  return typeof constructor === 'function' ? constructor.name : '';
}

function list(open: string, items: readonly string[], close: string): string {
  if (items.length === 0) return open.trim() + close.trim();
  const shown = items.slice(0, MAX_ITEMS);
  if (items.length > MAX_ITEMS) shown.push(`… ${items.length - MAX_ITEMS} more`);
  return open + shown.join(', ') + close;
}

/** Returns the message, the stack with positions in the author's source, and the causes. */
export function describeError(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return `Uncaught ${inspect(error)}`;
  const stack = typeof error.stack === 'string' ? mapStack(error.stack) : '';
  const head = `${error.name}${error.message === '' ? '' : `: ${error.message}`}`;
  const text = stack === '' ? head : `${head}\n${stack}`;
  return error.cause === undefined || depth > 4
    ? text
    : `${text}\ncaused by ${describeError(error.cause, depth + 1).replace(/^Uncaught /, '')}`;
}
