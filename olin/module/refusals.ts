/** Sentences for modules that the runtime cannot run: what is wrong, which toolchain does that, and the way out. */
import { FUNCTIONS, IMPORT_MODULES } from '../abi/index.ts';
import { WASI_FUNCTIONS, WASI_MODULE } from '../abi/wasi/index.ts';
import { InputError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { MAX_SHOWN_NAME, shorten } from '../shorten.ts';
import type { ExportReport, ImportReport, ModuleReport } from '../wasm/index.ts';

type Import = Pick<ImportReport, 'module' | 'name' | 'kind'>;

export function signature(params: readonly string[], results: readonly string[]): string {
  return `(${params.join(', ')}) -> (${results.join(', ')})`;
}

/** Whether a function of this type can be `_start`; a returned i32 is the exit status. */
export function isEntryType(type: string): boolean {
  return type === '() -> ()' || type === '() -> (i32)';
}

/** `module.name`, shortened. */
export function importName(module: string, name: string): string {
  return `${shorten(module, MAX_SHOWN_NAME)}.${shorten(name, MAX_SHOWN_NAME)}`;
}

/** Other names of the function where programs begin: of Olin's specification, of compilers, and by convention. */
const ENTRY_NAMES = /^(?:cwa_main|_?main|__main_void|start|run)$/i;
/** The export of a module that is a library of WASI. */
const REACTOR = '_initialize';

export function noStart({ exports }: Pick<ModuleReport, 'exports'>): InputError {
  const functions = exports.filter(({ kind }) => kind === 'function');
  const shown = functions.slice(0, 8).map(({ name }) => shorten(name, MAX_SHOWN_NAME));
  const seen = shown.length === 0 ? 'it exports no functions' : `it exports ${shown.join(', ')}`;
  return new InputError(
    'no-start',
    `The module exports no function _start, which the runtime calls: ${seen}. ${describeWayIn(functions)}`,
  );
}

function describeWayIn(functions: readonly ExportReport[]): string {
  const near = functions.find(({ name }) => ENTRY_NAMES.test(name));
  const canStart =
    near !== undefined && isEntryType(signature(near.params ?? [], near.results ?? []));
  if (canStart) {
    return `If it begins at ${near.name}, say so: --entry ${near.name}, or entry = "${near.name}" in trisiel.toml.`;
  }
  if (functions.some(({ name }) => name === REACTOR)) {
    return 'It is a reactor of WASI, which is a library. Build a command: a program with a main function, in C without -mexec-model=reactor, in Rust from src/main.rs instead of a cdylib, in Go without -buildmode=c-shared.';
  }
  const hint = near === undefined ? '' : `Perhaps ${near.name} should be called _start. `;
  return `${hint}Export a function _start without parameters and results.`;
}

interface Toolchain {
  /** Whether an import is made by it. */
  readonly made: (each: Import) => boolean;
  /** What it is, and the way out. */
  readonly advice: string;
}

/** Toolchains whose output needs a host of its own. The first one that made any import of the module is named. */
const TOOLCHAINS: readonly Toolchain[] = [
  {
    made: ({ module, name }) => module === 'wasi' && name === 'thread-spawn',
    advice:
      'It was built with the threads of WASI; a guest has one thread. Build it for wasm32-wasip1 without -pthread.',
  },
  {
    made: ({ module, name }) => /^(?:napi|emnapi)$/.test(module) || /^_?(?:em)?napi_/.test(name),
    advice:
      'It is an addon for Node, built by napi-rs or emnapi, whose host is a JavaScript program. Build a program with a main function for wasm32-wasip1 from the same library.',
  },
  {
    made: ({ module }) => /^wbg$|^__wbindgen|^\.\/.*_bg\.js$/.test(module),
    advice:
      'It was built by wasm-bindgen, which needs a JavaScript host. Build a program without wasm-bindgen for wasm32-wasip1 or wasm32-unknown-unknown.',
  },
  {
    made: ({ module }) => /^(?:gojs|go)$/.test(module),
    advice:
      'It was built by Go for the browser, which needs a JavaScript host. Build it with GOOS=wasip1 GOARCH=wasm; with TinyGo, -target=wasip1.',
  },
  {
    made: ({ module, name }) =>
      module === 'env' &&
      /^_?emscripten_|^__(?:assert_fail|syscall_|cxa_|stack_chk|handle_stack)|^invoke_[a-z]+$|^_abort_js$|^_tzset_js$/.test(
        name,
      ),
    advice:
      'It was built by Emscripten with JavaScript beside it, which this runtime does not have. Link with -sSTANDALONE_WASM -sPURE_WASI and -o NAME.wasm, or build with wasi-libc for wasm32-wasip1.',
  },
  {
    made: ({ module, name }) => module === 'env' && name === 'abort',
    advice:
      'AssemblyScript imports it when the program does not say what to do at an abort. Compile with --use abort=, or with the library of sdk/.',
  },
  {
    made: ({ module }) => module.startsWith('wasi') && module !== WASI_MODULE,
    advice: `It was built for another WASI than preview 1 (${WASI_MODULE}); build it for wasip1, or for wasm32-unknown-unknown with the guest library of sdk/.`,
  },
];

/** The first import that the runtime does not have, with the toolchain that made the module. */
export function unknownImport(
  { module, name, kind }: Import,
  { imports }: Pick<ModuleReport, 'imports'>,
): InputError {
  const what = kind === 'function' ? '' : `the ${kind} `;
  const start = `The module imports ${what}${importName(module, name)}, which the runtime does not provide.`;
  const isOwn = module === WASI_MODULE && kind === 'function';
  const toolchain = isOwn ? undefined : TOOLCHAINS.find(({ made }) => imports.some(made));
  const advice = toolchain?.advice ?? (isOwn ? adviseOnWasi(name) : advise(name, kind));
  return new InputError('unknown-import', `${start} ${advice}`);
}

function adviseOnWasi(name: string): string {
  const near = nearest(name, WASI_FUNCTIONS.keys());
  return near === undefined ? 'WASI preview 1 has no such function.' : `Did you mean ${near}?`;
}

function advise(name: string, kind: Import['kind']): string {
  if (kind === 'memory') {
    return 'Define it in the module instead: link without --import-memory, and without --shared-memory.';
  }
  if (kind !== 'function') return 'Define it in the module instead.';
  if (FUNCTIONS.has(name)) return `Import it from ${IMPORT_MODULES.join(' or ')}.`;
  const near = nearest(name, FUNCTIONS.keys());
  return near === undefined
    ? `It has ${FUNCTIONS.size} functions, such as resource_write; the reference lists them.`
    : `Did you mean ${near}?`;
}
