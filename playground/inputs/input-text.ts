/** What a person types into the input panels, read line by line, and written back. Pure. */
import type { Failure } from '../worker/worker-api.ts';

export type Read<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };

/** `Name: value` lines. A name given twice is joined with a comma, as HTTP has it. */
export function readHeaders(text: string): Read<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [line, content] of filledLines(text)) {
    const [, name, value] = /^([^:\s][^:]*?)\s*:\s*(.*?)\s*$/.exec(content) ?? [];
    if (name === undefined || value === undefined) {
      return wrong(line, 1, `Header line ${line} has no colon: write it as Name: value.`);
    }
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
      return wrong(line, 1, `“${name}” is no header name: use letters, digits and hyphens.`);
    }
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) {
      return wrong(
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

/** `NAME=value` lines. */
export function readEnvironment(text: string): Read<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const [line, content] of filledLines(text)) {
    const equals = content.indexOf('=');
    const name = content.slice(0, equals).trim();
    if (equals === -1) {
      return wrong(line, 1, `Environment line ${line} has no equals sign: write it as NAME=value.`);
    }
    if (name === '')
      return wrong(line, 1, `Environment line ${line} has no name before the equals sign.`);
    env[name] = content.slice(equals + 1);
  }
  return { ok: true, value: env };
}

/** One argument a line. */
export function readArguments(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** The path of a request, `/` first. */
export function readPath(text: string): Read<string> {
  const path = text.trim();
  if (!path.startsWith('/'))
    return wrong(1, 1, 'The path must begin with a slash: /hello?name=Ada.');
  if (path.includes('#')) {
    return wrong(
      1,
      path.indexOf('#') + 1,
      'A fragment (# and after) never reaches a server. Leave it out, or write %23.',
    );
  }
  if (!URL.canParse(`http://localhost${path}`)) {
    return wrong(1, 1, 'The path does not parse as a URL. Percent-encode what is special in it.');
  }
  return { ok: true, value: path };
}

/** The query of a path as `name=value` lines, decoded. */
export function writeQuery(path: string): string {
  const mark = path.indexOf('?');
  if (mark === -1) return '';
  return Array.from(
    new URLSearchParams(path.slice(mark)),
    ([name, value]) => `${name}=${value}`,
  ).join('\n');
}

/** The path with its query replaced by `name=value` lines. */
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

/** Lines with something on them, by their 1-based number. */
function filledLines(text: string): [number, string][] {
  return text
    .split('\n')
    .map((content, index): [number, string] => [index + 1, content])
    .filter(([, content]) => content.trim() !== '');
}

function wrong(line: number, column: number, message: string): Read<never> {
  return { ok: false, error: { code: 'input', message, line, column } };
}
