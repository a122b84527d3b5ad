/** Starts Cloudflare's workerd with a worker in JavaScript. */
import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../scripts/services/free-port.ts';
import { waitForPort } from './wait.ts';

export interface RunningPeer {
  readonly port: number;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/**
 * Starts a worker that runs a module with the four system calls that it needs.
 * @param instances `fresh`: a new instance per request; `one`: the same instance for all
 */
export async function startModuleWorker(
  module: string,
  instances: 'fresh' | 'one',
): Promise<RunningPeer> {
  return startWorkerd(workerSource(instances), module);
}

/**
 * Starts a worker. One isolate serves all requests.
 * @param source an ES module; `module.wasm` is the module at the path, if one is given
 */
export async function startWorkerd(source: string, module?: string): Promise<RunningPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-workerd-'));
  const port = await findFreePort();
  if (module !== undefined) await copyFile(module, join(folder, 'module.wasm'));
  await writeFile(join(folder, 'worker.js'), source);
  await writeFile(join(folder, 'config.capnp'), config(port, module !== undefined));
  const program = createRequire(import.meta.url).resolve('workerd/bin/workerd');
  const child = spawn(program, ['serve', 'config.capnp'], { cwd: folder, stdio: 'ignore' });
  await waitForPort(port);
  return {
    port,
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function config(port: number, hasModule: boolean): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [
      (name = "worker", esModule = embed "worker.js"),
      ${hasModule ? '(name = "module.wasm", wasm = embed "module.wasm"),' : ''}
    ],
    compatibilityDate = "2026-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
}

/** A minimal worker: it does not parse CGI headers, meter, or record anything. */
function workerSource(instances: 'fresh' | 'one'): string {
  return `import module from 'module.wasm';
const decoder = new TextDecoder();
function make() {
  const run = { output: '' };
  const bytes = (at, length) => new Uint8Array(run.instance.exports.memory.buffer, at, length);
  const cwa = {
    env_get: () => -4,
    log_write: () => {},
    io_get_stdout: () => 1,
    resource_write: (fd, at, length) => {
      run.output += decoder.decode(bytes(at, length));
      return length;
    },
  };
  run.instance = new WebAssembly.Instance(module, { cwa });
  return run;
}
const one = ${instances === 'one' ? 'make()' : 'undefined'};
export default {
  async fetch() {
    const run = one ?? make();
    run.output = '';
    run.instance.exports._start();
    const end = run.output.indexOf('\\n\\n');
    return new Response(run.output.slice(end + 2), { headers: { 'content-type': 'text/plain' } });
  },
};
`;
}
