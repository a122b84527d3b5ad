// Runs a script of this project on its pinned version of Node, after installing missing packages. Plain JavaScript for
// Node 20, since it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.installed');
const exe = process.platform === 'win32' ? 'node.exe' : 'node';

const [script, ...args] = process.argv.slice(2);
if (script === undefined) fail('Usage: node scripts/bootstrap.mjs SCRIPT [ARGUMENT …]');

install();
run(pinnedNode());

/** Installs the locked packages, unless they are installed for this lock file. */
function install() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  say('Installing the packages (about a minute the first time) …');
  // `npm ci` fails if the registry lacks an optional package of another platform; `npm install` ignores that.
  if (!npm(['ci']) && !npm(['install', '--no-save'])) {
    fail('The packages could not be installed; npm says above why. Then run the command again.');
  }
  writeFileSync(stamp, digest);
}

function npm(words) {
  const cli = process.env.npm_execpath;
  const line = [...words, '--no-audit', '--no-fund', '--loglevel=error'];
  const [command, ...rest] = cli?.endsWith('.js')
    ? [process.execPath, cli, ...line]
    : ['npm', ...line];
  const { status } = spawnSync(command, rest, {
    cwd: root,
    stdio: ['ignore', 2, 'inherit'],
    shell: process.platform === 'win32' && command === 'npm',
  });
  return status === 0;
}

/** Returns the Node of node_modules; if there is none for this platform, the running Node if it is version 26. */
function pinnedNode() {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of Object.keys(optionalDependencies)) {
    const path = join(modules, name, 'bin', exe);
    if (existsSync(path)) return path;
  }
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath;
  return fail(
    `There is no Node 26 package for ${process.platform}-${process.arch}: install Node 26 and run the command again.`,
  );
}

function run(node) {
  const child = spawn(node, [join(root, script), ...args], {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: join(modules, '.bin') + (process.platform === 'win32' ? ';' : ':') + process.env.PATH,
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
