/** Builds the examples' modules with the installed toolchains, and reports missing ones. */
import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readExample } from '../../examples/load.ts';
import { getLanguage, type ExampleLanguage } from '../../sdk/languages.ts';
import {
  BuildError,
  loadToolchain,
  readVersion,
  ROOT,
  runTool,
  type Toolchain,
} from '../../sdk/toolchain.ts';

interface Built {
  readonly name: string;
  readonly modulePath: string;
  readonly module: Uint8Array;
}

interface Outcome {
  readonly built: readonly Built[];
  /** Sources that a compiler refused. */
  readonly refused: number;
}

/** Builds into the examples' folders. Returns the exit status: 1 if one could not be built. */
export async function buildExamples(names: readonly string[], install: boolean): Promise<number> {
  const { built } = await build(names, install, 'built');
  for (const { name, modulePath, module } of built) {
    const before = await readFile(modulePath).catch(() => undefined);
    const same = before?.equals(module) === true;
    if (!same) await writeFile(modulePath, module);
    console.log(`${name}: ${module.length} bytes${same ? '' : ', written'}`);
  }
  return built.length === names.length ? 0 : 1;
}

/**
 * Builds next to the committed modules and compares. Returns the exit status: 1 if one differs or
 * does not compile. Examples without an installed compiler are reported, and count as neither.
 */
export async function checkExamples(names: readonly string[], install: boolean): Promise<number> {
  const { built, refused } = await build(names, install, 'checked');
  const differing: string[] = [];
  for (const { modulePath, module } of built) {
    const committed = await readFile(modulePath).catch(() => undefined);
    if (committed?.equals(module) === true) continue;
    const why =
      committed === undefined
        ? 'is missing'
        : `has ${committed.length} bytes, but its source compiles to ${module.length}`;
    differing.push(
      `  ${relative(ROOT, modulePath)} ${committed?.length === module.length ? 'differs' : why}`,
    );
  }
  console.log(`${built.length - differing.length} of ${names.length} modules match their sources.`);
  if (differing.length === 0) return refused > 0 ? 1 : 0;
  console.error(
    `These do not; run \`npm run examples\` and commit the files:\n${differing.join('\n')}`,
  );
  return 1;
}

async function build(
  names: readonly string[],
  install: boolean,
  verb: 'built' | 'checked',
): Promise<Outcome> {
  const byLanguage = Map.groupBy(
    await Promise.all(names.map(async (name) => ({ name, ...(await readExample(name)) }))),
    ({ language }) => language,
  );
  const built: Built[] = [];
  let refused = 0;
  for (const [language, examples] of byLanguage) {
    const { toolchain, found } = await prepare(language, install);
    if (toolchain === undefined) {
      console.log(`${found}: ${count(examples.length)} not ${verb}`);
      continue;
    }
    for (const { name } of examples) {
      const folder = new URL(`../../examples/${name}/`, import.meta.url);
      try {
        const source = new URL(getLanguage(language).sourceFile, folder);
        const module = await toolchain.build(fileURLToPath(source));
        built.push({ name, modulePath: fileURLToPath(new URL('module.wasm', folder)), module });
      } catch (error) {
        if (!(error instanceof BuildError)) throw error;
        console.error(`${name} was not ${verb}:\n${error.message}`);
        refused++;
      }
    }
  }
  return { built, refused };
}

function count(examples: number): string {
  return `${examples} example${examples === 1 ? '' : 's'}`;
}

/**
 * Returns the language's toolchain if its version is the pinned one; otherwise a sentence with the required and the
 * found version.
 */
async function prepare(
  language: ExampleLanguage,
  install: boolean,
): Promise<{ toolchain: Toolchain; found: string } | { toolchain?: never; found: string }> {
  const toolchain = await loadToolchain(language);
  let found = await toolchain.find();
  if (install && (found === undefined || !toolchain.accepts(found))) {
    console.log(`Installing ${toolchain.wanted} …`);
    await installPackages(toolchain.packages);
    await toolchain.install?.();
    found = await toolchain.find();
  }
  if (found !== undefined && toolchain.accepts(found)) return { toolchain, found };
  return { found: `${language}: needs ${toolchain.wanted}, found ${found ?? 'none'}` };
}

async function installPackages(packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return;
  const names = packages.join(' ');
  if (process.getuid?.() !== 0 || (await readVersion('apt-get')) === undefined) {
    throw new Error(`Packages are installed only as root on Debian. Run: apt-get install ${names}`);
  }
  await runTool('apt-get', ['update', '--quiet']);
  await runTool('apt-get', ['install', '--yes', '--no-install-recommends', ...packages]);
}
