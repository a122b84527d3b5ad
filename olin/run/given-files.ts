/** The files and arguments that a run gets from its module. */
import { FILES_SECTION, unpackFiles } from '../files/packed-files.ts';
import { FileTree, type Preopen } from '../files/file-tree.ts';
import { digestOf } from '../module/digest.ts';
import type { RunOptions } from '../types.ts';

interface GivenParts {
  readonly preopens: readonly Preopen[];
  readonly args: readonly string[];
  readonly statics: StaticFiles | undefined;
}

/** Null for a module without the section. */
const known = new WeakMap<WebAssembly.Module, GivenParts | null>();

/** Returns the options with the files and arguments of the module: `/` is read-only, and `/tmp` is empty. */
export function withGivenFiles(module: WebAssembly.Module, options: RunOptions): RunOptions {
  const given = givenTo(module);
  if (given === null) return options;
  const { args = ['main.wasm'], preopens = [] } = options;
  const isOwn = ({ path }: Preopen): boolean => preopens.every((other) => other.path !== path);
  return {
    ...options,
    // Arguments of the caller replace those of the module.
    args: args.length > 1 ? args : [...args, ...given.args],
    preopens: [...given.preopens.filter(isOwn), ...preopens],
  };
}

/** Returns the static files; undefined if the module has none. */
export function staticFilesOf(module: WebAssembly.Module): StaticFiles | undefined {
  return givenTo(module)?.statics;
}

export class StaticFiles {
  readonly #tree: FileTree;
  readonly #folder: string;
  /** Entity tags by path. */
  readonly #tags = new Map<string, Promise<string>>();

  constructor(tree: FileTree, folder: string) {
    this.#tree = tree;
    this.#folder = folder;
  }

  /** @param path relative to the folder of static files */
  get(path: string): Uint8Array | undefined {
    return this.#tree.get(`${this.#folder}/${path}`);
  }

  /** Returns a strong entity tag. The file must exist. */
  tagOf(path: string): Promise<string> {
    let tag = this.#tags.get(path);
    if (tag === undefined) {
      tag = digestOf(Uint8Array.from(this.get(path) ?? [])).then((digest) => `"${digest}"`);
      this.#tags.set(path, tag);
    }
    return tag;
  }
}

function givenTo(module: WebAssembly.Module): GivenParts | null {
  let given = known.get(module);
  if (given === undefined) {
    given = readParts(module);
    known.set(module, given);
  }
  return given;
}

function readParts(module: WebAssembly.Module): GivenParts | null {
  const [section] = WebAssembly.Module.customSections(module, FILES_SECTION);
  if (section === undefined) return null;
  const { args, files, tree, static: folder } = unpackFiles(new Uint8Array(section));
  const preopens = [
    { path: '/', files: tree, isWritable: false },
    { path: '/tmp', files: new FileTree([]), isWritable: true },
  ];
  return {
    args,
    preopens: files.length === 0 ? [] : preopens,
    statics: folder === undefined ? undefined : new StaticFiles(tree, folder),
  };
}
