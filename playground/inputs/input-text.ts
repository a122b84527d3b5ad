/** Parses and formats the text of the input panels, line by line. Pure. */
import type { Failure } from '../worker/worker-api.ts';

export type ParseResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };

/** Parses `Name: value` lines. The values of a repeated name are joined with a comma, as in HTTP. */
export function readHeaders(text: string): ParseResult<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [line, content] of filledLines(text)) {
    const [, name, value] = /^([^:\s][^:]*?)\s*:\s*(.*?)\s*$/.exec(content) ?? [];
    if (name === undefined || value === undefined) {
      return invalid(line, 1, `Header line ${line} has no colon: write it as Name: value.`);
    }
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
      return invalid(line, 1, `“${name}” is not a header name: use letters, digits and hyphens.`);
    }
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) {
      return invalid(
        line,
        name.length + 2,
        `The value of ${name} has a character that HTTP headers cannot carry. Percent-encode it.`,
      );
    }
    const key = Object.keys(headers).find((known) => known.toLowerCase() === name.toLowerCase());
    if (key === undefined) headers[name] = value;
    else headers[key] = `${headers[key]}, ${value}`;
  }
  return { ok: true, value: headers };
}

/** Parses `NAME=value` lines. */
export function readEnvironment(text: string): ParseResult<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const [line, content] of filledLines(text)) {
    const equals = content.indexOf('=');
    const name = content.slice(0, equals).trim();
    if (equals === -1) {
      return invalid(
        line,
        1,
        `Environment line ${line} has no equals sign: write it as NAME=value.`,
      );
    }
    if (name === '')
      return invalid(line, 1, `Environment line ${line} has no name before the equals sign.`);
    env[name] = content.slice(equals + 1);
  }
  return { ok: true, value: env };
}

/** Parses one argument per line. */
export function readArguments(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Parses the path of a request, which must begin with `/`. */
export function readPath(text: string): ParseResult<string> {
  const path = text.trim();
  if (!path.startsWith('/'))
    return invalid(1, 1, 'The path must begin with a slash: /hello?name=Ada.');
  if (path.includes('#')) {
    return invalid(
      1,
      path.indexOf('#') + 1,
      'A fragment (# and what follows) is never sent to a server. Remove it, or write %23.',
    );
  }
  if (!URL.canParse(`http://localhost${path}`)) {
    return invalid(
      1,
      1,
      'The path is not a valid URL path. Percent-encode its special characters.',
    );
  }
  return { ok: true, value: path };
}

/** Formats the query of a path as decoded `name=value` lines. */
export function writeQuery(path: string): string {
  const mark = path.indexOf('?');
  if (mark === -1) return '';
  return Array.from(
    new URLSearchParams(path.slice(mark)),
    ([name, value]) => `${name}=${value}`,
  ).join('\n');
}

/** Replaces the query of a path by `name=value` lines. */
export function replaceQuery(path: string, lines: string): string {
  const [bare = ''] = path.split('?');
  const pairs = filledLines(lines).map(([, content]) => {
    const equals = content.indexOf('=');
    return equals === -1 ? [content, ''] : [content.slice(0, equals), content.slice(equals + 1)];
  });
  const query = new URLSearchParams(pairs).toString();
  return query === '' ? bare : `${bare}?${query}`;
}

export function writeHeaders(headers: Readonly<Record<string, string>> = {}): string {
  return writeLines(headers, ': ');
}

export function writeEnvironment(env: Readonly<Record<string, string>> = {}): string {
  return writeLines(env, '=');
}

function writeLines(record: Readonly<Record<string, string>>, between: string): string {
  return Object.entries(record)
    .map(([name, value]) => `${name}${between}${value}`)
    .join('\n');
}

/** Returns the non-blank lines with their 1-based numbers. */
function filledLines(text: string): [number, string][] {
  return text
    .split('\n')
    .map((content, index): [number, string] => [index + 1, content])
    .filter(([, content]) => content.trim() !== '');
}

function invalid(line: number, column: number, message: string): ParseResult<never> {
  return { ok: false, error: { code: 'input', message, line, column } };
}
