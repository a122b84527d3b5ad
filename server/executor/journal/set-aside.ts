/** Keeps journal lines that the database refuses, for the operator, in a file beside the journals. */
import { appendFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** At this size the file is rotated, and one previous file is kept, so that refused lines do not fill the disk. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

export class SetAside {
  readonly #path: string;
  readonly #previous: string;
  readonly #maxBytes: number;

  /** @param folder folder of this machine's journals */
  constructor(folder: string, maxBytes = MAX_FILE_BYTES) {
    this.#path = join(folder, 'refused.jsonl');
    this.#previous = join(folder, 'refused-before.jsonl');
    this.#maxBytes = maxBytes;
  }

  /** Adds a line, with or without its line feed; a line longer than the file limit is truncated. */
  async add(line: Uint8Array): Promise<void> {
    const kept = line.subarray(0, this.#maxBytes);
    const { size } = await stat(this.#path).catch(() => ({ size: 0 }));
    // If several processes try, one succeeds, and the others append to the new file.
    if (size > 0 && size + kept.length > this.#maxBytes) {
      await rename(this.#path, this.#previous).catch(() => undefined);
    }
    await appendFile(this.#path, kept.at(-1) === 10 ? kept : Buffer.concat([kept, LINE_FEED]), {
      mode: 0o600,
    });
  }
}

const LINE_FEED = Buffer.from('\n');
