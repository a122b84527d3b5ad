/** Builds the examples' modules with the toolchains that are here, and says plainly which are not. */
import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readExample } from '../../examples/load.ts';
import { SOURCE_FILES, type Language } from '../../examples/types.ts';
import { BuildError, ROOT, runTool, type Toolchain } from '../../sdk/toolchain.ts';

interface Built {
  readonly name: string;
  readonly modulePath: string;
  readonly module: Uint8Array;
}

/** Builds into the examples' folders. Gives the exit status: 1 where a source was refused or a toolchain missed. */
export async function buildExamples(names: readonly string[], install: boolean): Promise<number> {
  const { built, failures } = await build(names, install);
  for (const { name, modulePath, module } of built) {
    const before = await readFile(modulePath).catch(() => undefined);
    const same = before?.equals(module) === true;
    if (!same) await writeFile(modulePath, module);
    console.log(`${name}: ${module.length} bytes${same ? '' : ', written'}`);
  }
  return failures;
}

/** Builds beside the committed modules and compares. Gives the exit status: 1 where one differs. */
export async function checkExamples(names: readonly string[], install: boolean): Promise<number> {
  const { built, failures } = await build(names, install);
  const differing: string[] = [];
  for (const { modulePath, module } of built) {
    const committed = await readFile(modulePath).catch(() => undefined);
    if (committed?.equals(module) === true) continue;
    const why =
      committed === undefined
        ? 'is missing'
        : `has ${committed.length} bytes, its source gives ${module.length}`;
    differing.push(
      `  ${relative(ROOT, modulePath)} ${committed?.length === module.length ? 'differs' : why}`,
    );
  }
  console.log(
    `${built.length - differing.length} of ${names.length} modules are what their sources give.`,
  );
  if (differing.length === 0) return failures;
  console.error(
    `These are not; run \`npm run examples\` and commit what it writes:\n${differing.join('\n')}`,
  );
  return 1;
}

async function build(
  names: readonly string[],
  install: boolean,
): Promise<{ built: Built[]; failures: 0 | 1 }> {
  const byLanguage = Map.groupBy(
    await Promise.all(names.map(async (name) => ({ name, ...(await readExample(name)) }))),
    ({ language }) => language,
  );
  const built: Built[] = [];
  let failures: 0 | 1 = 0;
  for (const [language, examples] of byLanguage) {
    const toolchain = await prepare(language, install, examples.length);
    if (toolchain === undefined) continue;
    for (const { name } of examples) {
      const folder = new URL(`../../examples/${name}/`, import.meta.url);
      try {
        const module = await toolchain.build(
          fileURLToPath(new URL(SOURCE_FILES[language], folder)),
        );
        built.push({ name, modulePath: fileURLToPath(new URL('module.wasm', folder)), module });
      } catch (error) {
        if (!(error instanceof BuildError)) throw error;
        console.error(`${name} was not built:\n${error.message}`);
        failures = 1;
      }
    }
  }
  return { built, failures };
}

/** The language's toolchain if it is the pinned one; else says what is wanted, and gives undefined. */
async function prepare(
  language: Language,
  install: boolean,
  examples: number,
): Promise<Toolchain | undefined> {
  const { toolchain } = (await import(`../../sdk/${language}/build.ts`)) as {
    toolchain: Toolchain;
  };
  let found = await toolchain.find();
  if (install && (found === undefined || !toolchain.accepts(found))) {
    await installToolchain(toolchain);
    found = await toolchain.find();
  }
  if (found !== undefined && toolchain.accepts(found)) return toolchain;
  console.log(
    `${language}: ${toolchain.wanted} wanted, found ${found ?? 'none'}: ${examples} examples not built`,
  );
  return undefined;
}

async function installToolchain({ wanted, packages, install }: Toolchain): Promise<void> {
  console.log(`Installing ${wanted} …`);
  const isRoot = process.getuid?.() === 0;
  if (packages.length > 0) {
    if (!isRoot)
      throw new Error(`Only root can install ${packages.join(', ')}: run apt-get install as root.`);
    await runTool('apt-get', ['install', '--yes', '--no-install-recommends', ...packages]);
  }
  await install?.();
}
