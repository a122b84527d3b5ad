#!/usr/bin/env node
// Starts the command `trisiel` on a Node that can run it. Plain JavaScript for Node 20.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import * as module from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The first version of Node that can suspend WebAssembly. */
const MIN_MAJOR = 26;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (major(process.versions.node) >= MIN_MAJOR) {
  module.enableCompileCache?.(cacheFolder());
  // A checkout runs the sources; the package of `npm run pack` has them as JavaScript.
  const sources = new URL('main.ts', import.meta.url);
  const isCheckout = existsSync(sources);
  if (isCheckout && /[/\\]node_modules[/\\]/.test(root)) stripTypes();
  await import(isCheckout ? sources.href : new URL('main.js', import.meta.url).href);
} else {
  runOn(pinnedNode());
}

/** Strips types. Node does not do that inside node_modules, where `npm install` may put a checkout. */
function stripTypes() {
  const own = pathToFileURL(root).href;
  module.registerHooks({
    load(url, context, next) {
      if (
        !url.startsWith(own) ||
        !url.endsWith('.ts') ||
        url.includes('/node_modules/', own.length)
      ) {
        return next(url, context);
      }
      const source = quietly(() =>
        module.stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8')),
      );
      return { format: 'module', source, shortCircuit: true };
    },
  });
}

/** Suppresses the warning that the function is experimental. */
function quietly(work) {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** A folder that only this user can write, because Node runs the code in it. */
function cacheFolder() {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const base =
    XDG_CACHE_HOME ||
    (process.platform === 'win32' && LOCALAPPDATA) ||
    (process.platform === 'darwin' && join(homedir(), 'Library', 'Caches')) ||
    join(homedir(), '.cache');
  return join(base, 'trisiel', 'compiled');
}

/** Finds the Node that is installed with the package, for machines with an older one. */
function pinnedNode() {
  const { optionalDependencies = {} } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const { resolve } = module.createRequire(import.meta.url);
  for (const name of Object.keys(optionalDependencies)) {
    try {
      const folder = dirname(resolve(`${name}/package.json`));
      const path = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(path)) return path;
    } catch {
      // The package for another platform is not installed.
    }
  }
  process.stderr.write(
    `trisiel needs Node ${MIN_MAJOR} or later; this is ${process.version}. Install it from https://nodejs.org and run the command again.\n`,
  );
  process.exit(1);
}

function runOn(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // The terminal sends Ctrl-C to both processes. This one waits for the other to exit.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
}

function major(version) {
  return Number(version.split('.')[0]);
}
