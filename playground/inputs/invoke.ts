/** Formats a request as a curl or HTTPie command or a fetch call. Pure; used by the playground and the docs. */

/** A request as a person typed it. The body is text. */
export interface InvokeRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** The type that fetch sends for a text body without one. The commands for curl and HTTPie send the same. */
const DEFAULT_TYPE = 'text/plain;charset=UTF-8';

/** Longer commands are broken before each option. */
const MAX_COLUMNS = 80;

/** Quotes a word for a POSIX shell. Inside single quotes only the single quote itself is special. */
export function quoteShell(text: string): string {
  return /^[\w@%+:,./=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Formats a JavaScript string literal in single quotes. */
export function quoteScript(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"');
  return `'${inner.replaceAll("'", String.raw`\'`)}'`;
}

/** Returns the curl command that sends the request. */
export function curlLine(url: string, request: InvokeRequest): string {
  const { method, body } = normalize(request);
  const words: string[] = [];
  // Braces and brackets in a URL are patterns to curl.
  if (/[[\]{}]/.test(url)) words.push('-g');
  if (method === 'HEAD') words.push('--head');
  else if (method !== (body === undefined ? 'GET' : 'POST')) words.push(`-X ${quoteShell(method)}`);
  words.push(quoteShell(url));
  for (const [name, value] of headersOf(request)) {
    // To curl, `Name:` removes a header and `Name;` sends it empty.
    words.push(`-H ${quoteShell(value === '' ? `${name};` : `${name}: ${value}`)}`);
  }
  if (body === undefined) return join('curl', words);
  if (!isTypeable(body)) return join(`${printBody(body)} | curl`, [...words, '--data-binary @-']);
  // With --data-raw, a leading @ does not name a file.
  return join('curl', [...words, `--data-raw ${quoteShell(body)}`]);
}

/** Returns the HTTPie command that sends the request. */
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

/** Returns JavaScript that sends the request and prints the response. */
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

/** Returns the request's headers, with the default type added if a body has none. */
function headersOf(request: InvokeRequest): [string, string][] {
  const headers = Object.entries(request.headers ?? {});
  const typed = headers.some(([name]) => name.toLowerCase() === 'content-type');
  const { body } = normalize(request);
  return body === undefined || typed ? headers : [...headers, ['Content-Type', DEFAULT_TYPE]];
}

/** Reports whether the text can be pasted into a terminal, which would act on tabs, carriage returns and escapes. */
function isTypeable(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return !/[\u0000-\u0009\u000b-\u001f\u007f]/.test(text);
}

/** Returns a printf command that writes the text, with control characters as octal escapes. */
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
