/** What the host keeps of a run for its bill and its log, bounded whatever the guest does. */
import { MAX_SHOWN_URL, shorten } from '../../shorten.ts';
import type { LogLine } from '../../types.ts';

/** URLs kept for the bill, and their characters together; a guest that opens more is counted by its calls. */
const MAX_URLS = 1000;
const MAX_URLS_LENGTH = 65_536;

const encoder = new TextEncoder();

export class RunRecord {
  /** By imported name. */
  readonly calls: Record<string, number> = {};
  readonly urls: string[] = [];
  readonly logLines: LogLine[] = [];
  /** What system calls were charged, by imported name; set for a run that is profiled. */
  gasByCall: Map<string, number> | undefined;
  bytesIn = 0;
  bytesOut = 0;
  /** The call that the guest is in, or was in last. */
  #call = '';
  #urlsLength = 0;
  #logBytes = 0;

  countCall(name: string): void {
    this.#call = name;
    this.calls[name] = (this.calls[name] ?? 0) + 1;
  }

  /** Counts gas that was charged for the call that the guest is in. */
  countGas(gas: number): void {
    if (this.gasByCall === undefined) return;
    this.gasByCall.set(this.#call, (this.gasByCall.get(this.#call) ?? 0) + gas);
  }

  /** Keeps a URL, unless there are too many. Returns the characters that are kept of it. */
  addUrl(url: string): number {
    const kept = shorten(url, MAX_SHOWN_URL);
    if (this.urls.length >= MAX_URLS || this.#urlsLength + kept.length > MAX_URLS_LENGTH) return 0;
    this.#urlsLength += kept.length;
    this.urls.push(kept);
    return kept.length;
  }

  /** Counts a line before it is kept. Returns the bytes of the log with it. */
  countLine(text: string): number {
    // An empty line is not free: it is kept too.
    this.#logBytes += encoder.encode(text).length + 1;
    return this.#logBytes;
  }
}
