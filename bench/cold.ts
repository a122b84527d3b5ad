/**
 * The first call to a handler: the executor reads the handler from the database, loads and compiles a module of 1 MB,
 * and runs it.
 */
import { randomBytes } from 'node:crypto';
import { exampleIds } from '../server/executor/handlers/examples.ts';
import { compile as compileText } from '../sdk/wat/compile.ts';
import { startPostgres } from '../scripts/services/postgres.ts';
import { Deployer } from './measure/deploy.ts';
import { startExecutors } from './measure/executors.ts';
import { percentile } from './measure/median.ts';

const COUNT = 40;
const MODULE_BYTES = 1_000_000;
const GOAL_MS = 30;

export async function run(): Promise<void> {
  const postgres = await startPostgres();
  if ('reason' in postgres) throw new Error(postgres.reason);
  const executor = await startExecutors(postgres.url, 1);
  const deployer = await Deployer.open(executor, postgres.url);
  const times: number[] = [];
  try {
    for (let i = 0; i < COUNT; i++) {
      const module = await makeModule();
      const name = `cold-${randomBytes(6).toString('hex')}`;
      await deployer.deploy(exampleIds.owner, name, module);
      const startedAt = performance.now();
      const response = await fetch(`http://127.0.0.1:${executor.port}/run/${name}/`);
      await response.text();
      if (response.status !== 200) throw new Error(`A call returned status ${response.status}.`);
      times.push(performance.now() - startedAt);
    }
  } finally {
    await deployer.close();
    await executor.stop();
    await postgres.stop();
  }
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  console.log(
    `${COUNT} handlers of ${MODULE_BYTES} bytes: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  );
  console.log(`cold: ${p50.toFixed(1)} ms (goal ${GOAL_MS})`);
}

/** Compiles a new module: about 1,100 different functions of arithmetic, of which one is called. */
async function makeModule(): Promise<Uint8Array<ArrayBuffer>> {
  const step = (): string =>
    `local.get 0 i32.const ${randomBytes(4).readInt32LE()} i32.add local.get 0 i32.xor local.set 0`;
  const body = Array.from({ length: 60 }, step).join('\n');
  const functions = Math.round(MODULE_BYTES / 900);
  const text = `(module
    (import "cwa" "io_get_stdout" (func $stdout (result i32)))
    (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 64) "Content-Type: text/plain\\n\\nhello")
    ${Array.from({ length: functions }, (_, i) => `(func $f${i} (param i32) (result i32) ${body} local.get 0)`).join('\n')}
    (func (export "_start")
      (drop (call $f0 (i32.const 1)))
      (drop (call $write (call $stdout) (i32.const 64) (i32.const 31)))))`;
  const built = await compileText(text);
  if (!built.ok) throw new Error(JSON.stringify(built));
  return built.module;
}
