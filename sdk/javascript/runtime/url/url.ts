/** The class URL. */
import {
  isSpecial,
  parseUrl,
  serializePath,
  serializeUrl,
  setHostAndPort,
  setPath,
  setPort,
  setQuery,
  type UrlRecord,
} from './parse.ts';
import { ENCODE_SETS, percentEncode } from './percent.ts';
import { URLSearchParams } from './search-params.ts';

export class URL {
  #record: UrlRecord;
  #params: URLSearchParams | undefined;

  /** Throws a TypeError if the text, with the base, is not a URL. */
  constructor(url: unknown, base?: unknown) {
    const parsed = parse(url, base);
    if (parsed === undefined) throw new TypeError(`Invalid URL: ${String(url)}`);
    this.#record = parsed;
  }

  static canParse(url: unknown, base?: unknown): boolean {
    return parse(url, base) !== undefined;
  }

  static parse(url: unknown, base?: unknown): URL | null {
    return URL.canParse(url, base) ? new URL(url, base) : null;
  }

  get href(): string {
    return serializeUrl(this.#record);
  }

  set href(value: string) {
    const parsed = parse(value, undefined);
    if (parsed === undefined) throw new TypeError(`Invalid URL: ${String(value)}`);
    this.#record = parsed;
    this.#params?.replace(parsed.query ?? '');
  }

  get origin(): string {
    const { scheme, host, port } = this.#record;
    if (scheme === 'blob') {
      const inner = parse(serializePath(this.#record), undefined);
      return inner === undefined || !/^https?$/.test(inner.scheme)
        ? 'null'
        : new URL(serializeUrl(inner)).origin;
    }
    if (!isSpecial(this.#record) || scheme === 'file') return 'null';
    return `${scheme}://${host ?? ''}${port === null ? '' : `:${port}`}`;
  }

  get protocol(): string {
    return `${this.#record.scheme}:`;
  }

  set protocol(value: string) {
    const scheme = /^([a-z][a-z\d+.-]*)(?::|$)/i.exec(String(value))?.[1]?.toLowerCase();
    const record = this.#record;
    if (scheme === undefined || isSpecial({ scheme }) !== isSpecial(record)) return;
    if (
      scheme === 'file' &&
      (record.username !== '' || record.password !== '' || record.port !== null)
    )
      return;
    if (record.scheme === 'file' && record.host === '') return;
    record.scheme = scheme;
    setPort(record, String(record.port ?? ''));
  }

  get username(): string {
    return this.#record.username;
  }

  set username(value: string) {
    if (this.#mayHaveCredentials) {
      this.#record.username = percentEncode(String(value), ENCODE_SETS.userinfo);
    }
  }

  get password(): string {
    return this.#record.password;
  }

  set password(value: string) {
    if (this.#mayHaveCredentials) {
      this.#record.password = percentEncode(String(value), ENCODE_SETS.userinfo);
    }
  }

  get #mayHaveCredentials(): boolean {
    const { host, scheme } = this.#record;
    return host !== null && host !== '' && scheme !== 'file';
  }

  get host(): string {
    const { host, port } = this.#record;
    return `${host ?? ''}${port === null ? '' : `:${port}`}`;
  }

  set host(value: string) {
    if (typeof this.#record.path === 'string') return;
    const [authority = ''] =
      (isSpecial(this.#record) ? /^[^/\\?#]*/ : /^[^/?#]*/).exec(String(value)) ?? [];
    setHostAndPort(this.#record, authority.replace(/:$/, ''));
  }

  get hostname(): string {
    return this.#record.host ?? '';
  }

  set hostname(value: string) {
    if (typeof this.#record.path === 'string') return;
    const text = String(value);
    if (/^[^[]*:/.test(text)) return;
    const [name = ''] = (isSpecial(this.#record) ? /^[^/\\?#]*/ : /^[^/?#]*/).exec(text) ?? [];
    setHostAndPort(this.#record, name);
  }

  get port(): string {
    return String(this.#record.port ?? '');
  }

  set port(value: string) {
    if (!this.#mayHaveCredentials) return;
    const digits = /^\d*/.exec(String(value))?.[0] ?? '';
    if (digits !== '' || String(value) === '') setPort(this.#record, digits);
  }

  get pathname(): string {
    return serializePath(this.#record);
  }

  set pathname(value: string) {
    if (typeof this.#record.path === 'string') return;
    const text = String(value).replaceAll('?', '%3F').replaceAll('#', '%23');
    setPath(this.#record, text);
  }

  get search(): string {
    const { query } = this.#record;
    return query === null || query === '' ? '' : `?${query}`;
  }

  set search(value: string) {
    const text = String(value).replace(/^\?/, '');
    if (text === '') this.#record.query = null;
    else setQuery(this.#record, text.replaceAll('#', '%23'));
    this.#params?.replace(this.#record.query ?? '');
  }

  get searchParams(): URLSearchParams {
    this.#params ??= new URLSearchParams(this.#record.query ?? '', () => {
      this.#record.query = this.#params?.toString() || null;
    });
    return this.#params;
  }

  get hash(): string {
    const { fragment } = this.#record;
    return fragment === null || fragment === '' ? '' : `#${fragment}`;
  }

  set hash(value: string) {
    const text = String(value).replace(/^#/, '');
    this.#record.fragment = text === '' ? null : percentEncode(text, ENCODE_SETS.fragment);
  }

  toString(): string {
    return this.href;
  }

  toJSON(): string {
    return this.href;
  }
}

function parse(url: unknown, base: unknown): UrlRecord | undefined {
  const against = base === undefined ? undefined : parseUrl(String(base), undefined);
  if (base !== undefined && against === undefined) return undefined;
  return parseUrl(String(url), against);
}
