/** How a request is written for a terminal or a script: curl, HTTPie, fetch. Pure; used by the page and by the docs. */

/** A request as a person typed it. The body is text. */
export interface InvokeRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** What fetch says of a text body that names no type; the other two are made to say the same. */
const DEFAULT_TYPE = 'text/plain;charset=UTF-8';

/** Longer lines are broken before each option. */
const MAX_COLUMNS = 80;

/** A word for a POSIX shell. Inside single quotes nothing is special but the single quote itself. */
export function quoteShell(text: string): string {
  return /^[\w@%+:,./=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A string literal for JavaScript, in single quotes. */
export function quoteScript(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"');
  return `'${inner.replaceAll("'", String.raw`\'`)}'`;
}

/** The curl command that sends the request. */
export function curlLine(url: string, request: InvokeRequest): string {
  const { method, body } = normalize(request);
  const words: string[] = [];
  // Braces and brackets in a URL are patterns to curl.
  if (/[[\]{}]/.test(url)) words.push('-g');
  if (method === 'HEAD') words.push('--head');
  else if (method !== (body === undefined ? 'GET' : 'POST')) words.push(`-X ${quoteShell(method)}`);
  words.push(quoteShell(url));
  for (const [name, value] of headersOf(request)) {
    // A name with a colon and no value tells curl to leave the header out; a semicolon sends it empty.
    words.push(`-H ${quoteShell(value === '' ? `${name};` : `${name}: ${value}`)}`);
  }
  if (body === undefined) return join('curl', words);
  if (!isTypeable(body)) return join(`${printBody(body)} | curl`, [...words, '--data-binary @-']);
  // --data-raw: an @ at the start is no file.
  return join('curl', [...words, `--data-raw ${quoteShell(body)}`]);
}

/** The HTTPie command that sends the request. */
export function httpieLine(url: string, request: InvokeRequest): string {
  const { method, body } = normalize(request);
  const words = [`${quoteShell(method)} ${quoteShell(url)}`];
  for (const [name, value] of headersOf(request)) {
    // `Name:@x` reads a file and `Name:=x` is JSON, unless the sign is escaped.
    const safe = value.replace(/^[@=]/, String.raw`\$&`);
    words.push(quoteShell(value === '' ? `${name};` : `${name}:${safe}`));
  }
  if (body === undefined) return join('http', words);
  if (!isTypeable(body)) return join(`${printBody(body)} | http`, words);
  return join('http', [...words, `--raw=${quoteShell(body)}`]);
}

/** JavaScript that sends the request and prints what comes back. */
export function fetchSnippet(url: string, request: InvokeRequest): string {
  const { method, body } = normalize(request);
  const headers = Object.entries(request.headers ?? {});
  const options: string[] = [];
  if (method !== 'GET') options.push(`  method: ${quoteScript(method)},`);
  if (headers.length > 0) {
    const lines = headers.map(
      ([name, value]) => `    ${quoteScript(name)}: ${quoteScript(value)},`,
    );
    options.push('  headers: {', ...lines, '  },');
  }
  if (body !== undefined) options.push(`  body: ${quoteScript(body)},`);
  const second = options.length === 0 ? '' : `, {\n${options.join('\n')}\n}`;
  return [
    `const response = await fetch(${quoteScript(url)}${second});`,
    'console.log(response.status, await response.text());',
  ].join('\n');
}

function normalize(request: InvokeRequest): { method: string; body: string | undefined } {
  return {
    method: request.method.toUpperCase(),
    body: request.body === '' ? undefined : request.body,
  };
}

/** The headers to write out: those given, and the type that a body without one is sent with. */
function headersOf(request: InvokeRequest): [string, string][] {
  const headers = Object.entries(request.headers ?? {});
  const typed = headers.some(([name]) => name.toLowerCase() === 'content-type');
  const { body } = normalize(request);
  return body === undefined || typed ? headers : [...headers, ['Content-Type', DEFAULT_TYPE]];
}

/** Whether a terminal takes the text as it is pasted: a carriage return, a tab or an escape would act. */
function isTypeable(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return !/[\u0000-\u0009\u000b-\u001f\u007f]/.test(text);
}

/** A printf that writes the text, with control characters as octal escapes. */
function printBody(text: string): string {
  const format = text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('%', '%%')
    .replaceAll(
      // eslint-disable-next-line no-control-regex
      /[\u0000-\u001f\u007f]/g,
      (control) => `\\${control.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
  return `printf -- ${quoteShell(format)}`;
}

function join(command: string, words: readonly string[]): string {
  const line = [command, ...words].join(' ');
  if (words.length < 3 || (line.length <= MAX_COLUMNS && !line.includes('\n'))) return line;
  return [command, ...words].join(' \\\n  ');
}
