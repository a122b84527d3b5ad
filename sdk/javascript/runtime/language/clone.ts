/** Implements `structuredClone`: deep copies of values other than functions, symbols, promises and weak collections. */
import { viewOf } from '../bytes.ts';

export function structuredClone(value: unknown): unknown {
  return clone(value, new Map());
}

type Seen = Map<object, object>;

function clone(value: unknown, seen: Seen): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw refusal(value);
  if (typeof value !== 'object' || value === null) return value;
  return seen.get(value) ?? cloneObject(value, seen);
}

function cloneObject(value: object, seen: Seen): object {
  const keep = <Copy extends object>(copy: Copy): Copy => {
    seen.set(value, copy);
    return copy;
  };
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) return keep(cloneView(value, seen));
  if (typeof value.valueOf() !== 'object') {
    return keep(Object(value.valueOf()) as object);
  }
  if (value instanceof Map) {
    const copy = keep(new Map<unknown, unknown>());
    for (const [key, one] of value) copy.set(clone(key, seen), clone(one, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const one of value) copy.add(clone(one, seen));
    return copy;
  }
  if (value instanceof Error) return keep(cloneError(value, seen));
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) {
    throw refusal(value);
  }
  const copy: object = keep(Array.isArray(value) ? [] : {});
  if (Array.isArray(value)) Reflect.set(copy, 'length', value.length);
  for (const [key, one] of Object.entries(value)) {
    const copied = clone(one, seen);
    Object.defineProperty(copy, key, {
      value: copied,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return copy;
}

function cloneView(view: ArrayBufferView, seen: Seen): object {
  const buffer = clone(view.buffer, seen) as ArrayBuffer;
  if (view instanceof DataView) return new DataView(buffer, view.byteOffset, view.byteLength);
  const Type = view.constructor as new (buffer: ArrayBuffer, at: number, length: number) => object;
  const unit = Number(Reflect.get(view, 'BYTES_PER_ELEMENT'));
  return new Type(buffer, view.byteOffset, (viewOf(view)?.length ?? 0) / unit);
}

const ERRORS = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function cloneError(error: Error, seen: Seen): Error {
  const Type = Object.entries(ERRORS).find(([name]) => name === error.name)?.[1] ?? Error;
  const copy = new Type(error.message);
  Object.defineProperty(copy, 'stack', {
    value: error.stack,
    writable: true,
    configurable: true,
  });
  if ('cause' in error) copy.cause = clone(error.cause, seen);
  return copy;
}

function refusal(value: unknown): DOMException {
  const what = typeof value === 'object' ? 'an object of this kind' : `a ${typeof value}`;
  return new DOMException(`structuredClone() does not copy ${what}`, 'DataCloneError');
}
