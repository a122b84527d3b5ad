/** Turns the suite's `.wast` files into JSON and modules, with an installed tool, and caches the results. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';

interface Tool {
  readonly name: string;
  readonly path: string;
  args(wast: string, json: string): string[];
}

const TOOLS: readonly Omit<Tool, 'path'>[] = [
  {
    name: 'wasm-tools',
    args: (wast, json) => ['json-from-wast', wast, '-o', json, '--wasm-dir', join(json, '..')],
  },
  // Debian's reads about three quarters of the suite.
  {
    name: 'wast2json',
    args: (wast, json) => ['--enable-all', wast, '-o', json],
  },
];

/** Finds a tool: at the path in `WASM_TOOLS`, in the checkout's own tools, or on PATH. */
export function findTool(root: string): Tool | undefined {
  const folders = [
    join(root, '.trisiel/tools/bin'),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  for (const tool of TOOLS) {
    const named = tool.name === 'wasm-tools' ? process.env['WASM_TOOLS'] : undefined;
    const candidates = [
      ...(named === undefined ? [] : [named]),
      ...folders.map((at) => join(at, tool.name)),
    ];
    const path = candidates.find((candidate) => existsSync(candidate));
    if (path !== undefined) return { ...tool, path };
  }
  return undefined;
}

export interface Converted {
  readonly name: string;
  /** Absent if the tool could not read the file. */
  readonly json?: string;
}

/** Converts one file, unless the cache has the result for this file and tool. */
function convertFile(tool: Tool, wast: string, cache: string): Converted {
  const name = basename(wast, '.wast');
  const digest = createHash('sha256').update(readFileSync(wast)).digest('hex').slice(0, 16);
  const folder = join(cache, `${name}-${digest}`);
  const json = join(folder, `${name}.json`);
  if (existsSync(json)) return { name, json };
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    execFileSync(tool.path, tool.args(wast, join(fresh, `${name}.json`)), { stdio: 'pipe' });
    renameSync(fresh, folder);
  } catch {
    rmSync(fresh, { recursive: true, force: true });
    return existsSync(json) ? { name, json } : { name };
  }
  return { name, json };
}

export function convertSuite(tool: Tool, suite: string): Converted[] {
  const version = execFileSync(tool.path, ['--version'], { encoding: 'utf8' });
  const key = createHash('sha256').update(version).digest('hex').slice(0, 8);
  const cache = join(tmpdir(), `trisiel-core-suite-${tool.name}-${key}`);
  mkdirSync(cache, { recursive: true });
  return readdirSync(suite)
    .filter((file) => file.endsWith('.wast'))
    .sort()
    .map((file) => convertFile(tool, join(suite, file), cache));
}
