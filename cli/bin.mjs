#!/usr/bin/env node
// Starts the command `trisiel` on a Node that can run it. Plain JavaScript for Node 20.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import * as module from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The least Node whose WebAssembly can suspend a guest. */
const LEAST_MAJOR = 26;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (major(process.versions.node) >= LEAST_MAJOR) {
  module.enableCompileCache?.(cacheFolder());
  // A checkout runs the sources; an installed package has them as JavaScript.
  const sources = new URL('main.ts', import.meta.url);
  await import(existsSync(sources) ? sources.href : new URL('main.js', import.meta.url).href);
} else {
  runOn(pinnedNode());
}

/** Of this user alone: what is in it is run. */
function cacheFolder() {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const base =
    XDG_CACHE_HOME ||
    (process.platform === 'win32' && LOCALAPPDATA) ||
    (process.platform === 'darwin' && join(homedir(), 'Library', 'Caches')) ||
    join(homedir(), '.cache');
  return join(base, 'trisiel', 'compiled');
}

/** The Node that came with the package, for machines whose own is older. */
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
      // Of another platform: not installed.
    }
  }
  process.stderr.write(
    `trisiel needs Node ${LEAST_MAJOR} or later; this is ${process.version}. Install it from https://nodejs.org and run the command again.\n`,
  );
  process.exit(1);
}

function runOn(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // The terminal sends Ctrl-C to both; this one waits for what the other makes of it.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
}

function major(version) {
  return Number(version.split('.')[0]);
}
