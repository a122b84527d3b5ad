/** Checks an untrusted module before it is stored, and creates the report that is stored with it. */
import { checkModule, compile, InputError, inspect } from '../../../olin/index.ts';
import type { VersionReport } from '../../db/handlers/versions.ts';

/** Maximum number of exports in the report: enough to compare versions. */
const MAX_EXPORTS = 64;
/** Maximum length of an export's name in the report, since lists of versions contain many. */
const MAX_NAME_LENGTH = 200;

/** Throws an InputError, whose message is for the author, if the module is refused. */
export async function checkBytes(bytes: Uint8Array<ArrayBuffer>): Promise<VersionReport> {
  const report = inspect(bytes);
  checkModule(report);
  const { plan } = await compile(bytes);
  // The parts of a module that is split are valid by themselves. What is stored, and downloaded, is the whole.
  if (!WebAssembly.validate(bytes)) {
    throw new InputError(
      'malformed-module',
      'The module is not valid WebAssembly. Compile it again; if the compiler gave it so, tell its makers.',
    );
  }
  return {
    // Without duplicates: a function may be imported thousands of times.
    imports: [...new Set(report.imports.map(({ module, name }) => `${module}.${name}`))],
    exports: report.exports.slice(0, MAX_EXPORTS).map(({ name }) => storable(name)),
    // Includes tables, as in the admission of runs.
    memoryPages: plan.initialPages,
    functions: report.functions,
    features: report.features,
  };
}

/** Makes the name storable in the database: no NUL, no unpaired surrogate. */
function storable(name: string): string {
  const cut = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name;
  return cut.replaceAll('\0', '\uFFFD').toWellFormed();
}
