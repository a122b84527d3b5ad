import { CALL_BOUNDS, gasFor } from '../run/call-cost.ts';
import { CallError } from '../errors.ts';
import { decodeText } from '../run/memory.ts';
import { MAX_SHOWN_URL, shorten } from '../shorten.ts';
import { Resource, type Scheme, type SchemeHost } from './resource.ts';

const NOTHING = new Uint8Array(0);
const INFO = 6;
const LF = 10;

/** A line ends at a line feed or at the end of a write. */
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
    const taken = takeLines(data);
    this.#host.charge(
      gasFor('text', taken.bytes.length + this.#prefix.length * taken.lines) +
        gasFor('item', taken.lines),
    );
    const text = decodeText(taken.bytes);
    const lines = text.endsWith('\n') ? text.slice(0, -1) : text;
    for (const line of lines.split('\n')) this.#host.log(INFO, this.#prefix + line);
    return taken.bytes.length;
  }
}

/** Returns as many leading lines as one write may add, and their number. */
function takeLines(data: Uint8Array): { bytes: Uint8Array; lines: number } {
  let lines = 0;
  let at = 0;
  while (at < data.length && lines < CALL_BOUNDS.logLines) {
    const end = data.indexOf(LF, at);
    at = end === -1 ? data.length : end + 1;
    lines++;
  }
  return { bytes: data.subarray(0, at), lines };
}

export const logScheme: Scheme = {
  name: 'log',
  doc: 'Writes lines to the log of the run; `log://?prefix=NAME` adds the prefix `NAME: `.',
  reads: 'Returns 0 bytes.',
  writes: 'Each line becomes a line of the log, with level 6, information.',
  open(url, host) {
    if (!URL.canParse(url)) {
      throw new CallError('InvalidArgument', `${shorten(url, MAX_SHOWN_URL)} is not a URL`);
    }
    const prefix = new URL(url).searchParams.get('prefix');
    return new LogResource(host, prefix === null || prefix === '' ? '' : `${prefix}: `);
  },
};
