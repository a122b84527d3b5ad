/** Builds Go programs that tests use as servers, once, from the Go module proxy, in `.trisiel/toolchains`. */
import { execFile } from 'node:child_process';
import { access, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../paths.ts';

export interface GoProgram {
  readonly name: string;
  /** Module and version, as in a `require` line. */
  readonly module: string;
  readonly version: string;
  /** Import path of the program's package. */
  readonly package: string;
  readonly tags?: string;
  /** `replace` lines of the module itself, which Go ignores in a dependency. */
  readonly replaces?: readonly string[];
  /** Folders of the module that the program reads at run time. */
  readonly folders?: readonly string[];
  readonly cgo?: true;
}

const TOOLS = join(root, '.trisiel/toolchains');
const BUILD_MS = 1_800_000;

const runFile = promisify(execFile);

export function programPath({ name }: GoProgram): string {
  return join(TOOLS, 'bin', name);
}

/** Folder that contains the program's {@link GoProgram.folders}. */
export function sharePath({ name }: GoProgram): string {
  return join(TOOLS, 'share', name);
}

export async function isBuilt(program: GoProgram): Promise<boolean> {
  const paths = [
    programPath(program),
    ...(program.folders === undefined ? [] : [sharePath(program)]),
  ];
  return (await Promise.all(paths.map(exists))).every((found) => found);
}

/** Builds the program if necessary. Returns why it could not be built, or undefined. */
export async function buildOnce(program: GoProgram): Promise<string | undefined> {
  if (await isBuilt(program)) return undefined;
  try {
    await runFile('go', ['version']);
  } catch {
    return `Go is not installed. It builds the server ${program.name}, which the test uses.`;
  }
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-go-'));
  try {
    await build(program, folder);
    return undefined;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    return `The server ${program.name} could not be built from the Go module proxy. ${said.slice(-500)}`.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function build(program: GoProgram, folder: string): Promise<void> {
  const { name, module, version, tags = '', replaces = [], folders, cgo } = program;
  const lines = [
    `module trisiel.test/${name}`,
    'go 1.26',
    `require ${module} ${version}`,
    ...replaces.map((each) => `replace ${each}`),
  ];
  await writeFile(join(folder, 'go.mod'), `${lines.join('\n')}\n`);
  const go = (...args: string[]): Promise<{ stdout: string }> =>
    runFile('go', args, {
      cwd: folder,
      env: { ...process.env, CGO_ENABLED: cgo === true ? '1' : '0' },
      timeout: BUILD_MS,
      maxBuffer: 16 * 1024 * 1024,
    });
  const built = join(folder, name);
  await go('build', '-mod=mod', '-tags', tags, '-o', built, program.package);
  if (folders !== undefined) {
    const { stdout } = await go('list', '-mod=mod', '-m', '-f', '{{.Dir}}', module);
    for (const each of folders) {
      await cp(join(stdout.trim(), each), join(sharePath(program), each), { recursive: true });
    }
  }
  await mkdir(join(TOOLS, 'bin'), { recursive: true });
  // Renamed when complete, since another process may look for it meanwhile.
  await cp(built, `${programPath(program)}.new`);
  await rename(`${programPath(program)}.new`, programPath(program));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
