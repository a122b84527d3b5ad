/** What is checked of a stranger's module before it is stored, and what is kept about it. */
import { checkModule, compile, inspect } from '../../../olin/index.ts';
import type { VersionReport } from '../../db/handlers/versions.ts';

/** Enough to compare two versions; a module may have any number. */
const EXPORTS_KEPT = 64;
/** A name may be as long as its module; pages of versions show many. */
const NAME_CHARACTERS = 200;

/** Throws an InputError with a sentence for the author. */
export async function checkBytes(bytes: Uint8Array<ArrayBuffer>): Promise<VersionReport> {
  const report = inspect(bytes);
  checkModule(report);
  const { plan } = await compile(bytes);
  return {
    // One may be imported thousands of times.
    imports: [...new Set(report.imports.map(({ module, name }) => `${module}.${name}`))],
    exports: report.exports.slice(0, EXPORTS_KEPT).map(({ name }) => storable(name)),
    // Its tables too: what a run is admitted with.
    memoryPages: plan.initialPages,
    functions: report.functions,
    features: report.features,
  };
}

/** As the database keeps it: no NUL, no half of a pair. */
function storable(name: string): string {
  const cut = name.length > NAME_CHARACTERS ? `${name.slice(0, NAME_CHARACTERS)}…` : name;
  return cut.replaceAll('\0', '\uFFFD').toWellFormed();
}
