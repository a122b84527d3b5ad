/** What a run gets from its module besides code: files, and arguments. */
import { FILES_SECTION, unpackFiles } from '../files/packed-files.ts';
import { FileTree, type Preopen } from '../files/file-tree.ts';
import type { RunOptions } from '../types.ts';

interface GivenParts {
  readonly preopens: readonly Preopen[];
  readonly args: readonly string[];
}

/** Null for a module without the section, as most are. */
const known = new WeakMap<WebAssembly.Module, GivenParts | null>();

/** Returns the options with the files and arguments of the module: `/` is read-only, and `/tmp` is empty. */
export function withGivenFiles(module: WebAssembly.Module, options: RunOptions): RunOptions {
  let given = known.get(module);
  if (given === undefined) {
    given = readParts(module);
    known.set(module, given);
  }
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

function readParts(module: WebAssembly.Module): GivenParts | null {
  const [section] = WebAssembly.Module.customSections(module, FILES_SECTION);
  if (section === undefined) return null;
  const { args, files, tree } = unpackFiles(new Uint8Array(section));
  const preopens = [
    { path: '/', files: tree, isWritable: false },
    { path: '/tmp', files: new FileTree([]), isWritable: true },
  ];
  return { args, preopens: files.length === 0 ? [] : preopens };
}
