/** Checks what a caller sent against a schema, and tells each field that is wrong in words. */
import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { ProblemError, type FieldError } from '../problems.ts';

export type Part = 'params' | 'query' | 'headers' | 'body';

/** Fields told at most. */
const TOLD = 8;
/** Characters of a found value that are repeated. */
const SHOWN = 60;

/** Reads one part of a request; throws an `invalid-request` problem. Texts of addresses become numbers and booleans where the schema says so. */
export function readerOf<S extends TSchema>(schema: S, part: Part): (value: unknown) => Static<S> {
  // Made at the first request: starting need not wait for checks of endpoints that nobody calls.
  let made: ReturnType<typeof Compile<S>> | undefined;
  return (value) => {
    const validator = (made ??= Compile(schema));
    const given = part === 'body' ? value : fromTexts(schema, value);
    if (validator.Check(given)) return given;
    throw refuse(validator, schema, part, given);
  };
}

/** What an address can write of numbers and booleans, and nothing more lenient. */
function fromTexts(schema: TSchema, value: unknown): unknown {
  const types = property(schema, 'properties');
  return Object.fromEntries(
    Object.entries(Object(value)).map(([name, text]) => {
      const type = property(property(types, name), 'type');
      if (typeof text !== 'string') return [name, text];
      if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return [name, Number(text)];
      if (type === 'boolean' && /^(true|false)$/.test(text)) return [name, text === 'true'];
      return [name, text];
    }),
  );
}

function refuse(validator: Validator, schema: TSchema, part: Part, given: unknown): ProblemError {
  const errors: FieldError[] = [];
  for (const error of validator.Errors(given)) {
    const names = errorNames(error.keyword, error.params);
    for (const name of names.length === 0 ? [''] : names) {
      const path = [...error.instancePath.split('/').slice(1), ...(name === '' ? [] : [name])];
      const field = [part, ...path].join('/');
      if (errors.length >= TOLD || errors.some((known) => known.field === field)) continue;
      const rule = schemaAt(schema, path);
      errors.push({
        field,
        found: describeFound(valueAt(given, path), isSecret(rule)),
        allowed:
          rule === undefined
            ? `one of ${knownFields(schemaAt(schema, path.slice(0, -1)))}`
            : describeSchema(rule),
      });
    }
  }
  const [first] = errors;
  const detail =
    first === undefined
      ? `Something in the ${part} of the request is not as it should be.`
      : `${first.field} is ${first.found}; it must be ${first.allowed}.`;
  return new ProblemError('invalid-request', detail, { errors });
}

/** Errors of a whole object that are about fields in it. */
function errorNames(keyword: string, params: object): string[] {
  if (keyword === 'required' && 'requiredProperties' in params)
    return texts(params.requiredProperties);
  if (keyword === 'additionalProperties' && 'additionalProperties' in params) {
    return texts(params.additionalProperties);
  }
  return [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function property(of: unknown, name: string): unknown {
  if (typeof of !== 'object' || of === null || !Object.hasOwn(of, name)) return undefined;
  return Object.entries(of).find(([key]) => key === name)?.[1];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce(property, value);
}

function schemaAt(schema: unknown, path: readonly string[]): unknown {
  let at = schema;
  for (const name of path) {
    const items = property(at, 'items');
    at =
      property(property(at, 'properties'), name) ??
      (/^\d+$/.test(name) ? items : undefined) ??
      recordValue(at);
  }
  return at;
}

function recordValue(schema: unknown): unknown {
  const patterns = property(schema, 'patternProperties');
  return typeof patterns === 'object' && patterns !== null ? Object.values(patterns)[0] : undefined;
}

function isSecret(schema: unknown): boolean {
  return property(schema, 'writeOnly') === true;
}

export function describeFound(value: unknown, secret = false): string {
  if (value === undefined) return 'missing';
  if (secret)
    return typeof value === 'string'
      ? `a text of ${value.length} characters`
      : `of type ${typeof value}`;
  const text = JSON.stringify(value);
  const length = typeof value === 'string' ? value.length : text.length;
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${length} characters)` : text;
}

function knownFields(schema: unknown): string {
  const fields = Object.keys(Object(property(schema, 'properties')));
  return fields.length === 0
    ? 'nothing: no field is allowed here'
    : `the fields ${fields.join(', ')}`;
}

/** A schema in words. */
export function describeSchema(schema: unknown): string {
  const choices = property(schema, 'anyOf');
  if (Array.isArray(choices)) return choices.map(describeSchema).join(' or ');
  const constant = property(schema, 'const');
  if (constant !== undefined) return JSON.stringify(constant);
  const options = property(schema, 'enum');
  if (Array.isArray(options)) return options.map((each) => JSON.stringify(each)).join(' or ');
  const form = property(schema, 'x-form');
  const type = property(schema, 'type');
  if (type === 'string')
    return `a text${lengths(schema, 'Length', 'characters')}${form === undefined ? '' : `, ${textOf(form)}`}`;
  if (type === 'integer' || type === 'number') {
    const least = property(schema, 'minimum');
    const most = property(schema, 'maximum');
    const from = least === undefined ? '' : ` from ${textOf(least)}`;
    const to = most === undefined ? '' : ` to ${textOf(most)}`;
    return `a ${type === 'integer' ? 'whole ' : ''}number${from}${to}`;
  }
  if (type === 'boolean') return 'true or false';
  if (type === 'array') return `a list${lengths(schema, 'Items', 'entries')}`;
  if (type === 'null') return 'null';
  return 'an object';
}

/** A number or a text of a schema. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function lengths(schema: unknown, of: 'Length' | 'Items', unit: string): string {
  const least = property(schema, `min${of}`);
  const most = property(schema, `max${of}`);
  if (least !== undefined && least === most) return ` of ${textOf(least)} ${unit}`;
  if (most === undefined) return '';
  return ` of ${textOf(least ?? 0)} to ${textOf(most)} ${unit}`;
}
