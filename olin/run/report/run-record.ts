/** What the host records about a run for its bill and log, with limits that the guest cannot exceed. */
import { MAX_SHOWN_URL, shorten } from '../../shorten.ts';
import type { LogLine } from '../../types.ts';

/** Maximum URLs recorded for the bill, and their total characters; further ones only count as calls. */
const MAX_URLS = 1000;
const MAX_URLS_LENGTH = 65_536;

const encoder = new TextEncoder();

export class RunRecord {
  /** By imported name. */
  readonly calls: Record<string, number> = {};
  readonly urls: string[] = [];
  readonly logLines: LogLine[] = [];
  /** Gas charged by system calls, by imported name; set for profiled runs. */
  gasByCall: Map<string, number> | undefined;
  bytesIn = 0;
  bytesOut = 0;
  /** The current or most recent system call. */
  #call = '';
  #urlsLength = 0;
  #logBytes = 0;

  countCall(name: string): void {
    this.#call = name;
    this.calls[name] = (this.calls[name] ?? 0) + 1;
  }

  /** Counts gas charged for the current system call. */
  countGas(gas: number): void {
    if (this.gasByCall === undefined) return;
    this.gasByCall.set(this.#call, (this.gasByCall.get(this.#call) ?? 0) + gas);
  }

  /** Records a URL unless the limit is reached. Returns the number of characters stored. */
  addUrl(url: string): number {
    const kept = shorten(url, MAX_SHOWN_URL);
    if (this.urls.length >= MAX_URLS || this.#urlsLength + kept.length > MAX_URLS_LENGTH) return 0;
    this.#urlsLength += kept.length;
    this.urls.push(kept);
    return kept.length;
  }

  /** Counts a log line. Returns the size of the log in bytes, including this line. */
  countLine(text: string): number {
    // An empty line counts too.
    this.#logBytes += encoder.encode(text).length + 1;
    return this.#logBytes;
  }
}
