/** Files that a run is given: built once, and shared by all runs that may not change them. */
import { FILE_BOUNDS } from './file-bounds.ts';
import { DirectoryNode, FileNode, Volume, type Node } from './nodes.ts';

/** A file by its path, such as `templates/page.html`. */
export type GivenFile = readonly [path: string, bytes: Uint8Array];

const MAX_DEPTH = 64;
/** The time of files that a run is given: they are the same in every run. */
const NO_TIME = 0n;
/** The device of files that are shared; each volume of a run has its own after it. */
const SHARED_DEVICE = 1n;

export class FileTree {
  readonly #files: readonly GivenFile[];
  readonly #folders: readonly string[];
  #shared: DirectoryNode | undefined;
  #byPath: ReadonlyMap<string, Uint8Array> | undefined;

  /**
   * Throws a RangeError if a path is not one of `name/name/name`, or is another's directory.
   * @param folders paths of directories; needed for those without a file
   */
  constructor(files: Iterable<GivenFile>, folders: readonly string[] = []) {
    this.#files = [...files];
    this.#folders = folders;
    const count = this.#files.length + folders.length;
    if (count > FILE_BOUNDS.nodes) {
      throw new RangeError(`${count} files are more than ${FILE_BOUNDS.nodes}`);
    }
  }

  /** Returns the contents of a file; undefined if no file has this path. */
  get(path: string): Uint8Array | undefined {
    this.#byPath ??= new Map(this.#files);
    return this.#byPath.get(path);
  }

  /** Returns the root of a volume that many runs may read. */
  shared(): DirectoryNode {
    this.#shared ??= this.#build(new Volume(true, SHARED_DEVICE), NO_TIME);
    return this.#shared;
  }

  /** Returns the root of a volume that one run may change; bytes are copied when they are written. */
  copy(device: bigint, now: bigint): DirectoryNode {
    return this.#build(new Volume(false, device), now);
  }

  #build(volume: Volume, now: bigint): DirectoryNode {
    const root = new DirectoryNode(volume, now);
    for (const path of this.#folders) takePath(root, path.split('/'), path, now);
    for (const [path, bytes] of this.#files) {
      const components = path.split('/');
      const name = components.pop() ?? '';
      const directory = takePath(root, components, path, now);
      put(directory, name, new FileNode(volume, now, bytes), path);
    }
    return root;
  }
}

function takePath(
  root: DirectoryNode,
  components: readonly string[],
  path: string,
  now: bigint,
): DirectoryNode {
  if (components.length > MAX_DEPTH) throw new RangeError(`"${path}" is too deep`);
  return components.reduce((parent, name) => takeDirectory(parent, name, path, now), root);
}

function takeDirectory(
  parent: DirectoryNode,
  name: string,
  path: string,
  now: bigint,
): DirectoryNode {
  const known = parent.get(name);
  if (known?.kind === 'directory') return known;
  const made = new DirectoryNode(parent.volume, now);
  put(parent, name, made, path);
  return made;
}

function put(directory: DirectoryNode, name: string, node: Node, path: string): void {
  const isName =
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !name.includes('\0') &&
    new TextEncoder().encode(name).length <= FILE_BOUNDS.nameBytes;
  if (!isName || directory.get(name) !== undefined) {
    throw new RangeError(`"${path}" is no path of a file, or is there twice`);
  }
  directory.add(name, node);
}

/** A directory that WASI programs are given. */
export interface Preopen {
  /** Its path in the guest, such as `/` or `/tmp`. */
  readonly path: string;
  readonly files: FileTree;
  /** Whether the guest may change it. Changes are in memory, counted as memory of the run, and end with it. */
  readonly isWritable: boolean;
}

/** Returns the roots of the directories, in order. */
export function openPreopens(preopens: readonly Preopen[], now: bigint): DirectoryNode[] {
  return preopens.map(({ files, isWritable }, at) =>
    isWritable ? files.copy(SHARED_DEVICE + 1n + BigInt(at), now) : files.shared(),
  );
}
