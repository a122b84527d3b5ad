/** Standard output and standard error of a run, with a common limit; forwarded or collected. */
import { OutputResource } from '../schemes/stdio.ts';
import type { ByteSink, Platform } from '../types.ts';

const NOTHING = new Uint8Array(0);

export interface OutputOptions {
  readonly platform: Platform;
  /** Default: output is collected. */
  readonly stdout?: ByteSink;
  readonly stderr?: ByteSink;
}

export class Output {
  readonly stdout: OutputResource;
  readonly stderr: OutputResource;
  readonly #maxBytes: number;
  readonly #refuse: (used: number) => never;
  readonly #collected: Collector | undefined;
  readonly #collectedErrors: Collector | undefined;
  #bytes = 0;

  /** @param maxBytes the common limit; output up to the limit is forwarded before `refuse` is called */
  constructor(options: OutputOptions, maxBytes: number, refuse: (used: number) => never) {
    const { platform, stdout, stderr } = options;
    this.#maxBytes = maxBytes;
    this.#refuse = refuse;
    this.#collected = stdout === undefined ? new Collector() : undefined;
    this.#collectedErrors = stderr === undefined ? new Collector() : undefined;
    const { copy } = platform;
    this.stdout = new OutputResource(
      'standard output',
      this.#bounded(stdout ?? this.#collected?.take),
      copy,
    );
    this.stderr = new OutputResource(
      'standard error',
      this.#bounded(stderr ?? this.#collectedErrors?.take),
      copy,
    );
  }

  /** Standard output, if no sink was given. */
  get collected(): Uint8Array {
    return this.#collected?.bytes() ?? NOTHING;
  }

  get collectedErrors(): Uint8Array {
    return this.#collectedErrors?.bytes() ?? NOTHING;
  }

  #bounded(sink: ByteSink = () => {}): ByteSink {
    return (chunk) => {
      const maxBytes = this.#maxBytes;
      const used = this.#bytes + chunk.length;
      const rest = used <= maxBytes ? chunk : chunk.subarray(0, maxBytes - this.#bytes);
      this.#bytes += rest.length;
      const taken = rest.length === 0 ? undefined : sink(rest);
      if (used <= maxBytes) return taken;
      if (taken instanceof Promise) return taken.then(() => this.#refuse(used));
      this.#refuse(used);
    };
  }
}

/** Collects output. */
class Collector {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  readonly take: ByteSink = (chunk) => {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  };

  bytes(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}
