/**
 * Checks every snippet of the documentation: commands run, sources compile, policies parse (the contributing page lists
 * the kinds of fences). Also checks each command line on the pages of examples.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { EXIT_STATUSES } from '../../cli/olin/options.ts';
import { policyFile, runLine } from '../../docs-site/facts/run-line.ts';
import { readSnippets, type Snippet } from '../../docs-site/snippets/snippets.ts';
import { loadExamples } from '../../examples/load.ts';
import { ORIGIN } from '../../examples/types.ts';
import { compile, parsePolicy } from '../../olin/index.ts';
import { curlLine } from '../../playground/inputs/invoke.ts';
import { LANGUAGES } from '../../sdk/languages.ts';
import { inTemporaryFolder, loadToolchain, ROOT } from '../../sdk/toolchain.ts';
import { buildExecutorApp } from '../../server/executor/app.ts';
import { guestPlatforms } from '../../server/executor/egress/platform.ts';
import { exampleHandlers } from '../../server/executor/handlers/examples.ts';

/** Toolchains by the name of the source file. */
const TOOLCHAINS = new Map(
  await Promise.all(
    LANGUAGES.map(async ({ id, sourceFile }) => [sourceFile, await loadToolchain(id)] as const),
  ),
);
/** The run origin in the documentation. */
const RUN_ORIGIN = 'http://127.0.0.1:4001';
const WEB_ORIGIN = 'http://localhost:4000';

const runFile = promisify(execFile);
const snippets = readSnippets();
const scripts = readScripts();
const examples = await loadExamples();
const executor = buildExecutorApp({
  findHandler: exampleHandlers(examples, WEB_ORIGIN),
  platformFor: guestPlatforms(),
});
let runOrigin = '';

before(async () => {
  runOrigin = await executor.listen({ host: '127.0.0.1', port: 0 });
});
after(() => executor.close());

suite('the snippets of the documentation', () => {
  for (const [i, snippet] of snippets.entries()) {
    const name = `${snippet.page}:${snippet.line} ${snippet.title || snippet.lang}`;
    const file = snippet.title.split('/').at(-1) ?? '';
    const next = snippets[i + 1];
    // Fences of the API are run by docs-api.test.ts.
    if (snippet.flags.includes('api')) continue;
    if (snippet.lang === 'sh' && snippet.flags.includes('no-run')) {
      test(`${name} names scripts that exist`, () => checkScripts(snippet));
    } else if (snippet.flags.includes('trisiel')) {
      // Run by docs-command.test.ts, page by page.
      continue;
    } else if (snippet.lang === 'sh') {
      const wanted = next?.flags.includes('output') === true ? next.text : undefined;
      test(`${name} runs`, (t) => runShell(t, snippet, wanted));
    } else if (TOOLCHAINS.has(file)) {
      test(`${name} compiles`, async (t) => {
        await compileSource(t, snippet, file);
      });
    } else if (file.endsWith('.policy')) {
      test(`${name} parses`, () => void parsePolicy(snippet.text));
    }
  }
});

suite('the lines on the page of each example', () => {
  for (const example of examples) {
    const { name } = example;
    const { input } = example.example;
    if (JSON.stringify(input).includes(ORIGIN)) continue;
    test(`${name}: the line for the terminal runs`, () =>
      inTemporaryFolder(async (folder) => {
        const file = join(folder, policyFile(name));
        await writeFile(file, input.policy ?? '');
        const line = runLine({ name, input })
          .replace('npm run olin --', `"${process.execPath}" cli/olin/main.ts`)
          .replace(`--policy ${policyFile(name)}`, `--policy ${file}`);
        const { status, stderr } = await runLineOfShell(line);
        assert.ok(status !== EXIT_STATUSES.usage.status, stderr);
        assert.ok(status !== EXIT_STATUSES.input.status, stderr);
      }));
    const { request } = input;
    if (request === undefined) continue;
    test(`${name}: the curl line gets a response`, async (t) => {
      if (!(await hasCurl())) return t.skip('curl is not installed');
      const line = curlLine(`${runOrigin}/run/${name}${request.path}`, request);
      const { status, stderr } = await runLineOfShell(line);
      assert.equal(status, 0, stderr);
    });
  }
});

/** Builds a complete program with the pinned compiler, and checks that the runtime accepts the module. */
async function compileSource(t: TestContext, snippet: Snippet, file: string): Promise<Uint8Array> {
  const toolchain = TOOLCHAINS.get(file);
  assert.ok(toolchain);
  const found = await toolchain.find();
  if (found === undefined || !toolchain.accepts(found)) {
    t.skip(`needs ${toolchain.wanted}`);
    return new Uint8Array();
  }
  const module = await inTemporaryFolder(async (folder) => {
    const path = join(folder, file);
    await writeFile(path, snippet.text);
    return toolchain.build(path);
  });
  await compile(module);
  return module;
}

/** Runs each line: the runtime's command as printed, curl against handlers of this process. */
async function runShell(
  t: TestContext,
  snippet: Snippet,
  wanted: string | undefined,
): Promise<void> {
  let output = '';
  for (const line of readLines(snippet)) {
    assert.match(line, /\b(npm run --silent olin --|curl) /, `${line}: mark the fence no-run`);
    if (line.includes('curl ') && !(await hasCurl())) return t.skip('curl is not installed');
    const command = line
      .replaceAll('npm run --silent olin --', `"${process.execPath}" cli/olin/main.ts`)
      .replaceAll('curl ', 'curl --silent --show-error --fail ')
      .replaceAll(RUN_ORIGIN, runOrigin);
    const { status, stdout, stderr } = await runLineOfShell(command);
    assert.equal(status, expectedStatus(snippet), stderr);
    output += status === 0 ? stdout : stderr;
  }
  if (wanted !== undefined) assert.equal(output, wanted);
}

/** `exit-70` among the flags; else 0. */
function expectedStatus({ flags }: Snippet): number {
  const flag = flags.find((each) => /^exit-\d+$/.test(each));
  return flag === undefined ? 0 : Number(flag.slice('exit-'.length));
}

async function runLineOfShell(
  command: string,
): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', `${command} </dev/null`], { cwd: ROOT }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
  });
}

function checkScripts(snippet: Snippet): void {
  for (const line of readLines(snippet)) {
    const script = /^npm (?:run (?:--silent )?)?([\w-]+)/.exec(line)?.[1];
    if (script !== undefined && script !== 'install')
      assert.ok(scripts.has(script), `there is no npm script ${script}`);
  }
}

/** Returns the commands. A line that ends with a backslash continues. */
function readLines({ text }: Snippet): string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

async function hasCurl(): Promise<boolean> {
  return runFile('curl', ['--version']).then(
    () => true,
    () => false,
  );
}

function readScripts(): ReadonlySet<string> {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null && 'scripts' in manifest);
  return new Set(Object.keys(manifest.scripts ?? {}));
}
