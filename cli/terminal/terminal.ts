/** The streams and environment of a command. Tests pass their own. */
import type { Readable, Writable } from 'node:stream';
import { writeChunk } from '../../olin/platform/node-http.ts';

export interface Stream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory. */
  readonly cwd: string;
}

/** Waits for back-pressure. */
export async function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  await writeChunk(stream, data);
}
