/**
 * Checks that a value read from JSON has the shape that `types.ts` declares, and throws an Error that names the wrong
 * field otherwise.
 */
import {
  GROUPS,
  EXAMPLE_LANGUAGES,
  type Case,
  type Example,
  type ExampleInput,
  type ExampleRequest,
} from './types.ts';

type Check<T> = (value: unknown, where: string) => T;
/** Optional fields are present in the record only where they are present in the value. */
type Fields<T> = { readonly [K in keyof T]-?: Check<Exclude<T[K], undefined>> };

const text: Check<string> = (value, where) =>
  typeof value === 'string' ? value : fail(where, 'a string', value);

const wholeNumber: Check<number> = (value, where) =>
  typeof value === 'number' && Number.isInteger(value)
    ? value
    : fail(where, 'a whole number', value);

const sentence: Check<string> = (value, where) =>
  /^[A-Z].*\.$/.test(text(value, where))
    ? text(value, where)
    : fail(where, 'a sentence with a full stop', value);

function oneOf<T extends string>(allowed: readonly T[]): Check<T> {
  return (value, where) =>
    allowed.find((one) => one === value) ?? fail(where, `one of ${allowed.join(', ')}`, value);
}

function listOf<T>(item: Check<T>): Check<readonly T[]> {
  return (value, where) =>
    Array.isArray(value)
      ? value.map((one, i) => item(one, `${where}[${i}]`))
      : fail(where, 'a list', value);
}

const texts: Check<Readonly<Record<string, string>>> = (value, where) =>
  Object.fromEntries(
    entries(value, where).map(([key, one]) => [key, text(one, `${where}.${key}`)]),
  );

function record<T>(required: readonly (keyof T & string)[], fields: Fields<T>): Check<T> {
  return (value, where) => {
    const given = entries(value, where);
    const missing = required.find((key) => !given.some(([name]) => name === key));
    if (missing !== undefined) throw new Error(`${where}: \`${missing}\` is missing.`);
    const checked = given.map(([key, one]) => {
      const check = Object.entries<Check<unknown>>(fields).find(([name]) => name === key)?.[1];
      if (check === undefined) {
        throw new Error(
          `${where}: \`${key}\` is not a field; there are ${Object.keys(fields).join(', ')}.`,
        );
      }
      return [key, check(one, `${where}.${key}`)] as const;
    });
    // Every field of T has just been checked, which the compiler cannot see through Object.entries.
    return Object.fromEntries(checked) as T;
  };
}

function entries(value: unknown, where: string): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
    : fail(where, 'an object', value);
}

function fail(where: string, wanted: string, value: unknown): never {
  throw new Error(`${where} must be ${wanted}, and is ${JSON.stringify(value) ?? 'absent'}.`);
}

const request = record<ExampleRequest>(['method', 'path'], {
  method: text,
  path: text,
  headers: texts,
  body: text,
});

const input = record<ExampleInput>([], {
  request,
  args: listOf(text),
  env: texts,
  stdin: text,
  policy: text,
});

const logLine: Check<readonly [number, string]> = (value, where) =>
  Array.isArray(value) && value.length === 2
    ? [wholeNumber(value[0], `${where}[0]`), text(value[1], `${where}[1]`)]
    : fail(where, 'a level and a text', value);

const expectation = record<Case['expect']>([], {
  exit: wholeNumber,
  trap: record<{ code: string; message?: string }>(['code'], { code: text, message: text }),
  status: wholeNumber,
  headers: texts,
  output: text,
  outputMatches: text,
  outputDigest: text,
  errorOutput: text,
  log: listOf(logLine),
  urls: listOf(text),
  gas: wholeNumber,
});

const expect: Check<Case['expect']> = (value, where) => {
  const checked = expectation(value, where);
  if (checked.exit === undefined && checked.trap === undefined) {
    throw new Error(`${where} must say how the run ends: \`exit\` or \`trap\`.`);
  }
  return checked;
};

/** Checks an `example.json`. Throws an Error that names the field and what it must contain. */
export const checkExample: Check<Example> = record<Example>(
  ['title', 'summary', 'language', 'group', 'order', 'teaches', 'input'],
  {
    title: text,
    summary: sentence,
    language: oneOf(EXAMPLE_LANGUAGES),
    group: oneOf(GROUPS),
    order: wholeNumber,
    teaches: listOf(text),
    input,
  },
);

/** Checks a `cases.json`. Throws an Error that names the field and what it must contain. */
export const checkCases: Check<readonly Case[]> = listOf(
  record<Case>(['name', 'input', 'expect'], { name: text, input, expect }),
);
