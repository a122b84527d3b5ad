/**
 * Encodes values of statements as JSON plus bytes. Types that JSON lacks become objects with the key `$`, which names the
 * type. Objects that have such a key themselves are wrapped.
 *
 * `v8.serialize` is not used, because its reader is not designed for hostile input.
 */

const TAG = '$';

/** Collects bytes, which the JSON references by their offset in the concatenation. */
export class ByteParts {
  readonly parts: Uint8Array[] = [];
  length = 0;

  add(bytes: Uint8Array): number {
    const at = this.length;
    this.parts.push(bytes);
    this.length += bytes.length;
    return at;
  }
}

/** Encodes a value for JSON. Throws for a function or a symbol. */
export function encodeValue(value: unknown, bytes: ByteParts): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : { [TAG]: 'number', text: String(value) };
    case 'bigint':
      return { [TAG]: 'bigint', text: String(value) };
    case 'undefined':
      return { [TAG]: 'undefined' };
    case 'object':
      return value === null ? null : encodeObject(value, bytes);
    default:
      throw new TypeError(`a ${typeof value} is not a value of a statement`);
  }
}

function encodeObject(value: object, bytes: ByteParts): unknown {
  if (Array.isArray(value)) return value.map((each) => encodeValue(each, bytes));
  if (value instanceof Date) return { [TAG]: 'date', ms: value.getTime() };
  if (value instanceof Uint8Array) {
    return { [TAG]: 'bytes', at: bytes.add(value), length: value.length };
  }
  const fields = Object.entries(value).map(([key, each]) => [key, encodeValue(each, bytes)]);
  const encoded: unknown = Object.fromEntries(fields);
  return TAG in value ? { [TAG]: 'object', fields: encoded } : encoded;
}

/** The inverse of {@link encodeValue}. Throws if the JSON was not produced by it. */
export function decodeValue(value: unknown, bytes: Uint8Array): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => decodeValue(each, bytes));
  if (TAG in value) return decodeTagged(value, bytes);
  return decodeFields(value, bytes);
}

function decodeFields(value: object, bytes: Uint8Array): object {
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, decodeValue(each, bytes)]),
  );
}

function decodeTagged(value: { readonly [TAG]: unknown }, bytes: Uint8Array): unknown {
  const fields: Readonly<Record<string, unknown>> = { ...value };
  switch (value[TAG]) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(fields['text']);
    case 'bigint':
      return BigInt(String(fields['text']));
    case 'date':
      return new Date(fields['ms'] === null ? Number.NaN : Number(fields['ms']));
    case 'bytes':
      return copyOf(bytes, fields['at'], fields['length']);
    case 'object': {
      const inner = fields['fields'];
      if (typeof inner === 'object' && inner !== null) return decodeFields(inner, bytes);
    }
  }
  throw new TypeError('a value has no type that is known here');
}

/** Copies the bytes, because a view would keep the whole message in memory. */
function copyOf(bytes: Uint8Array, at: unknown, length: unknown): Uint8Array {
  if (
    typeof at !== 'number' ||
    typeof length !== 'number' ||
    !(Number.isInteger(at) && Number.isInteger(length)) ||
    at < 0 ||
    length < 0 ||
    at + length > bytes.length
  ) {
    throw new RangeError('a value lies outside of its message');
  }
  return new Uint8Array(bytes.subarray(at, at + length));
}
