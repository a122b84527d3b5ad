/** The open descriptors of WASI. As in POSIX, a new one gets the lowest free number, and a closed number is reused. */
import type { Resource } from '../schemes/resource.ts';
import type { FileHost } from './file-host.ts';
import { FileError } from './file-error.ts';
import { keepOpen, letGo, type DirectoryNode, type FileNode } from './nodes.ts';

/** Standard input, output or error. */
export interface StandardStream {
  readonly kind: 'input' | 'output';
  readonly resource: Resource;
}

export interface OpenedFile {
  readonly kind: 'file';
  readonly node: FileNode;
  readonly reads: boolean;
  readonly writes: boolean;
  /** `fdflags` of WASI. */
  flags: number;
  /** Where the next read or write begins. */
  position: number;
}

export interface OpenedDirectory {
  readonly kind: 'directory';
  readonly node: DirectoryNode;
  readonly flags: number;
  /** The name by which the guest was given it. */
  readonly preopenedAs?: string;
}

export type OpenFile = StandardStream | OpenedFile | OpenedDirectory;
type OpenNode = OpenedFile | OpenedDirectory;

export interface StandardStreams {
  readonly input: Resource;
  readonly output: Resource;
  readonly errors: Resource;
}

/** The run whose descriptors they are. */
export interface OpenFilesHost extends FileHost {
  /** Counts one more descriptor of the run. Returns false, and counts nothing, at its limit. */
  holdDescriptor(): boolean;
  releaseDescriptor(): void;
}

export class OpenFiles {
  readonly #host: OpenFilesHost;
  readonly #open: (OpenFile | undefined)[];

  /** @param given directories that the guest has from the start, which are not counted */
  constructor(
    host: OpenFilesHost,
    { input, output, errors }: StandardStreams,
    given: readonly OpenedDirectory[],
  ) {
    this.#host = host;
    this.#open = [
      { kind: 'input', resource: input },
      { kind: 'output', resource: output },
      { kind: 'output', resource: errors },
      ...given,
    ];
    for (const { node } of given) keepOpen(node);
  }

  /** Returns undefined if the descriptor is not open. */
  get(fd: number): OpenFile | undefined {
    return this.#open[fd];
  }

  /** Returns the descriptor. Throws `mfile` if too many are open. */
  add(file: OpenNode): number {
    if (!this.#host.holdDescriptor()) throw new FileError('mfile');
    keepOpen(file.node);
    const free = this.#open.indexOf(undefined);
    const fd = free < 0 ? this.#open.length : free;
    this.#open[fd] = file;
    return fd;
  }

  /** Returns false if the descriptor is not open. */
  close(fd: number): boolean {
    const closed = this.#open[fd];
    if (closed === undefined) return false;
    this.#open[fd] = undefined;
    this.#release(closed);
    return true;
  }

  /** Moves `from` to `to`, which is closed. Returns false, and changes nothing, if one of them is not open. */
  renumber(from: number, to: number): boolean {
    const moved = this.#open[from];
    const closed = this.#open[to];
    if (moved === undefined || closed === undefined) return false;
    if (from === to) return true;
    this.#open[to] = moved;
    this.#open[from] = undefined;
    this.#release(closed);
    return true;
  }

  #release(closed: OpenFile): void {
    if (closed.kind !== 'file' && closed.kind !== 'directory') return;
    letGo(closed.node, this.#host);
    if (closed.kind === 'file' || closed.preopenedAs === undefined) this.#host.releaseDescriptor();
  }
}
