/**
 * Validates requests against schemas, and describes each invalid field in words.
 *
 * A value may be a misplaced secret, so values are never repeated, only their type and size. A name is repeated if the
 * schema contains it, if it matches the schema's key pattern, or if it resembles a misspelt field.
 */
import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { ProblemError, type FieldError } from '../problems/problems.ts';

export type RequestPart = 'params' | 'query' | 'headers' | 'body';

/** Maximum number of fields reported. */
const MAX_ERRORS = 8;
/** The form of field names in this API. */
const FIELD_NAME = /^[A-Za-z]{1,30}$/;
const HIDDEN_NAME = '…';

/**
 * Returns a validator of one part of a request. It throws an `invalid-request` problem. Strings of parameters are converted
 * to numbers and booleans as the schema requires.
 */
export function readerOf<S extends TSchema>(
  schema: S,
  part: RequestPart,
): (value: unknown) => Static<S> {
  // Compiled at the first request, which keeps startup fast.
  let made: ReturnType<typeof Compile<S>> | undefined;
  return (value) => {
    const validator = (made ??= Compile(schema));
    const given = part === 'body' ? value : fromTexts(schema, value);
    if (validator.Check(given)) return given;
    throw refuse(validator, schema, part, given);
  };
}

/** Converts strings of parameters to integers and booleans, strictly. */
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

function refuse(
  validator: Validator,
  schema: TSchema,
  part: RequestPart,
  given: unknown,
): ProblemError {
  const errors: FieldError[] = [];
  for (const error of validator.Errors(given)) {
    const names = errorNames(error.keyword, error.params);
    for (const name of names.length === 0 ? [''] : names) {
      const path = [...error.instancePath.split('/').slice(1), ...(name === '' ? [] : [name])];
      const field = [part, ...path.map((each, i) => showName(schema, path.slice(0, i), each))];
      const refused = describeRefused(schema, given, path);
      addOnce(errors, { field: field.join('/'), ...refused });
    }
  }
  const [first] = errors;
  const detail =
    first === undefined
      ? `The ${part} of the request is invalid.`
      : `${first.field} is ${first.found}; it must be ${first.allowed}.`;
  return new ProblemError('invalid-request', detail, { errors });
}

function addOnce(errors: FieldError[], error: FieldError): void {
  if (errors.length >= MAX_ERRORS || errors.some(({ field }) => field === error.field)) return;
  errors.push(error);
}

function describeRefused(
  schema: TSchema,
  given: unknown,
  path: readonly string[],
): Omit<FieldError, 'field'> {
  const rule = schemaAt(schema, path);
  if (rule !== undefined) {
    const value = valueAt(given, path);
    const found = isOfAnotherForm(value, rule) ? 'a text of the wrong form' : describeFound(value);
    return { found, allowed: describeSchema(rule) };
  }
  const parent = schemaAt(schema, path.slice(0, -1));
  const pattern = keyPattern(parent);
  return pattern === undefined
    ? { found: 'an unknown field', allowed: `one of ${knownFields(parent)}` }
    : {
        found: `a name of ${path.at(-1)?.length ?? 0} characters`,
        allowed: `a name that matches ${pattern}`,
      };
}

/** Whether a string is refused although its length is allowed. */
function isOfAnotherForm(value: unknown, rule: unknown): boolean {
  if (typeof value !== 'string' || property(rule, 'type') !== 'string') return false;
  const [min, max] = [property(rule, 'minLength') ?? 0, property(rule, 'maxLength') ?? Infinity];
  return value.length >= Number(min) && value.length <= Number(max);
}

/** A name in a path, or a placeholder if the name must not be repeated. */
function showName(schema: TSchema, above: readonly string[], name: string): string {
  const parent = schemaAt(schema, above);
  const isKnown = schemaAt(schema, [...above, name]) !== undefined;
  const mayBeMisspelt = keyPattern(parent) === undefined && FIELD_NAME.test(name);
  return isKnown || mayBeMisspelt ? name : HIDDEN_NAME;
}

/** Names of the fields that an error of a whole object is about. */
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
      recordValue(at, name);
  }
  return at;
}

/** The pattern that the keys of a record must match; undefined if the schema is not a record. */
function keyPattern(schema: unknown): string | undefined {
  const patterns = property(schema, 'patternProperties');
  return typeof patterns === 'object' && patterns !== null ? Object.keys(patterns)[0] : undefined;
}

function recordValue(schema: unknown, name: string): unknown {
  const pattern = keyPattern(schema);
  if (pattern === undefined || !new RegExp(pattern).test(name)) return undefined;
  return property(property(schema, 'patternProperties'), pattern);
}

/** Describes the type and size of a value, never the value itself. */
export function describeFound(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `a text of ${count(value.length, 'character')}`;
  if (Array.isArray(value)) return `a list of ${count(value.length, 'entry', 'entries')}`;
  if (typeof value === 'object') return `an object of ${count(Object.keys(value).length, 'field')}`;
  return `a ${typeof value}`;
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

function knownFields(schema: unknown): string {
  const fields = Object.keys(Object(property(schema, 'properties')));
  return fields.length === 0
    ? 'nothing: no field is allowed here'
    : `the fields ${fields.join(', ')}`;
}

/** Describes a schema in words. */
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
    const min = property(schema, 'minimum');
    const max = property(schema, 'maximum');
    const from = min === undefined ? '' : ` from ${textOf(min)}`;
    const to = max === undefined ? '' : ` to ${textOf(max)}`;
    return `a ${type === 'integer' ? 'whole ' : ''}number${from}${to}`;
  }
  if (type === 'boolean') return 'true or false';
  if (type === 'array') return `a list${lengths(schema, 'Items', 'entries')}`;
  if (type === 'null') return 'null';
  return `an object${lengths(schema, 'Properties', 'fields')}`;
}

/** Formats a number or a string of a schema. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function lengths(schema: unknown, of: 'Length' | 'Items' | 'Properties', unit: string): string {
  const min = property(schema, `min${of}`);
  const max = property(schema, `max${of}`);
  if (min !== undefined && min === max) return ` of ${textOf(min)} ${unit}`;
  if (max === undefined) return min === undefined ? '' : ` of at least ${textOf(min)} ${unit}`;
  return ` of ${textOf(min ?? 0)} to ${textOf(max)} ${unit}`;
}
