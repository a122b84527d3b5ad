/** What a run writes to standard output and standard error: bounded together, passed on or collected. */
import { OutputResource } from '../schemes/stdio.ts';
import type { ByteSink, Platform } from '../types.ts';

const NOTHING = new Uint8Array(0);

export interface OutputOptions {
  readonly platform: Platform;
  /** Without one, what is written is collected. */
  readonly stdout?: ByteSink;
  readonly stderr?: ByteSink;
}

export class Output {
  readonly stdout: OutputResource;
  readonly stderr: OutputResource;
  readonly #most: number;
  readonly #refuse: (used: number) => never;
  readonly #collected: Collector | undefined;
  readonly #collectedErrors: Collector | undefined;
  #bytes = 0;

  /** @param most bytes; what fits is passed on before `refuse` is told of more. */
  constructor(options: OutputOptions, most: number, refuse: (used: number) => never) {
    const { platform, stdout, stderr } = options;
    this.#most = most;
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

  /** What nobody took. */
  get collected(): Uint8Array {
    return this.#collected?.bytes() ?? NOTHING;
  }

  get collectedErrors(): Uint8Array {
    return this.#collectedErrors?.bytes() ?? NOTHING;
  }

  #bounded(sink: ByteSink = () => {}): ByteSink {
    return (chunk) => {
      const most = this.#most;
      const used = this.#bytes + chunk.length;
      const rest = used <= most ? chunk : chunk.subarray(0, most - this.#bytes);
      this.#bytes += rest.length;
      const taken = rest.length === 0 ? undefined : sink(rest);
      if (used <= most) return taken;
      if (taken instanceof Promise) return taken.then(() => this.#refuse(used));
      this.#refuse(used);
    };
  }
}

/** Keeps what is written. */
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
