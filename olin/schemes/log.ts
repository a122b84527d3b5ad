import { CallError } from '../errors.ts';
import { Resource, type Scheme, type SchemeHost } from './resource.ts';

const NOTHING = new Uint8Array(0);
const INFO = 6;

/** Lines end where a write ends or at a line feed, since a guest writes a line at a time. */
class LogResource extends Resource {
  readonly #host: SchemeHost;
  readonly #prefix: string;

  constructor(host: SchemeHost, prefix: string) {
    super('log://');
    this.#host = host;
    this.#prefix = prefix;
  }
  override read(): Uint8Array {
    return NOTHING;
  }
  override write(data: Uint8Array): number {
    if (data.length === 0) return 0;
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(data);
    const lines = text.endsWith('\n') ? text.slice(0, -1) : text;
    for (const line of lines.split('\n')) this.#host.log(INFO, this.#prefix + line);
    return data.length;
  }
}

export const logScheme: Scheme = {
  name: 'log',
  doc: 'Writes lines to the log of the run; `log://?prefix=NAME` puts `NAME: ` before each.',
  reads: 'Succeeds with 0 bytes.',
  writes: 'Each line becomes a line of the log at level 6, information.',
  open(url, host) {
    if (!URL.canParse(url)) throw new CallError('InvalidArgument', `${url} is not a URL`);
    const prefix = new URL(url).searchParams.get('prefix');
    return new LogResource(host, prefix === null || prefix === '' ? '' : `${prefix}: `);
  },
};
