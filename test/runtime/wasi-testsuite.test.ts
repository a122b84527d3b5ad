/**
 * Runs WebAssembly/wasi-testsuite, the tests of WASI preview 1 that runtimes share, if WASI_TESTSUITE names a checkout of
 * its branch prod/testsuite-base. It is 250 MB, so it is not part of this repository; the conformance cases of
 * olin/conformance/ cover the same behaviour.
 */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readFolder } from '../../cli/olin/folders.ts';
import { compile, run, type Preopen } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';

const FOLDER = process.env['WASI_TESTSUITE'];
/** The languages that the tests are written in. */
const LANGUAGES = ['assemblyscript', 'c', 'rust'];

/** What a test needs and must show, from the JSON file beside it. */
interface Expectation {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A folder beside the test, which it gets as `/`. */
  readonly root?: string;
  readonly stdout?: string;
  readonly exit_code?: number;
}

async function readExpectation(path: string): Promise<Expectation> {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  const expectation: Expectation = JSON.parse(text);
  return expectation;
}

async function givenTo(path: string, root: string | undefined): Promise<Preopen[]> {
  if (root === undefined) return [];
  return [{ path: '/', files: await readFolder(join(dirname(path), root)), isWritable: true }];
}

/** Runs one test. Returns why it failed, or undefined. */
async function tryTest(path: string): Promise<string | undefined> {
  const {
    args = [],
    env = {},
    root,
    stdout,
    exit_code = 0,
  } = await readExpectation(`${path}.json`);
  try {
    const module = await compile(await readFile(`${path}.wasm`));
    const result = await run(module, {
      platform: nodePlatform,
      args: ['test.wasm', ...args],
      env,
      preopens: await givenTo(path, root),
      limits: { gas: 1_000_000_000, memoryPages: 1024 },
    });
    const found = new TextDecoder().decode(result.output);
    if (result.trap === undefined && result.exit === exit_code) {
      return stdout === undefined || stdout === found ? undefined : `it wrote ${found}`;
    }
    const errors = new TextDecoder().decode(result.errorOutput).trim();
    return `${result.trap?.message ?? `exit status ${result.exit}`} ${errors}`;
  } catch (error) {
    return String(error);
  }
}

test('programs of other runtimes find the WASI that they were tested with', async (context) => {
  if (FOLDER === undefined) {
    return context.diagnostic(
      'not run: WASI_TESTSUITE names no checkout of WebAssembly/wasi-testsuite, prod/testsuite-base',
    );
  }
  const failures: string[] = [];
  let count = 0;
  for (const language of LANGUAGES) {
    const folder = join(FOLDER, 'tests', language, 'testsuite/wasm32-wasip1');
    for (const name of (await readdir(folder)).filter((each) => each.endsWith('.wasm')).sort()) {
      count++;
      const failure = await tryTest(join(folder, name.slice(0, -'.wasm'.length)));
      if (failure !== undefined) failures.push(`${language}/${name}: ${failure}`);
    }
  }
  context.diagnostic(`${count - failures.length} of ${count} pass`);
  assert.deepEqual(failures, []);
});
