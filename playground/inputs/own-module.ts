/** Opens the reader's own .wasm, chosen or dropped. The file stays in the browser. */
import { LANGUAGES } from '../../sdk/languages.ts';
import type { WorkerResult } from '../worker/worker-api.ts';

export interface OwnModule {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Extensions of source files that readers may drop instead of modules. AssemblyScript files often end in `.ts`. */
const SOURCE_ENDINGS = [
  ...LANGUAGES.map(({ sourceFile }) => sourceFile.replace('main', '')),
  '.ts',
];

/** Magic number of a module: `\0asm`. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/** Checks the size and the magic number. The runtime validates the module when it runs. */
export async function openOwnModule(file: File): Promise<WorkerResult<OwnModule>> {
  const { name, size } = file;
  if (size > MAX_BYTES) {
    return refuse(
      'too-large',
      `${name} has ${Math.ceil(size / 2 ** 20)} MiB; the playground takes up to 64 MiB.`,
    );
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (MAGIC.every((byte, at) => bytes[at] === byte)) return { ok: true, value: { name, bytes } };
  const text = SOURCE_ENDINGS.some((ending) => name.endsWith(ending));
  return refuse(
    'not-wasm',
    text
      ? `${name} is source code. Compile it first, or paste it into an example of its language.`
      : `${name} is not a WebAssembly module: it does not begin with \\0asm. Choose a .wasm file produced by a compiler.`,
  );
}

/** Accepts a file dropped anywhere on the element. */
export function watchDrops(element: HTMLElement, take: (file: File) => void): void {
  element.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    element.toggleAttribute('data-drop', true);
  });
  element.addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && element.contains(relatedTarget)) return;
    element.removeAttribute('data-drop');
  });
  // In the capture phase: the editor would otherwise insert the file's text.
  element.addEventListener(
    'drop',
    (event) => {
      element.removeAttribute('data-drop');
      const [file] = event.dataTransfer?.files ?? [];
      if (file === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      take(file);
    },
    { capture: true },
  );
}

function refuse(code: string, message: string): WorkerResult<never> {
  return { ok: false, error: { code, message } };
}
