/** Each test compiles a program that uses the library, and runs it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile as load, run, type RunOptions } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { readLibrary } from './build.ts';
import { compile } from './compile.ts';

const library = await readLibrary();

async function runSource(
  source: string,
  options: Partial<RunOptions> = {},
): Promise<{ output: string; log: string[] }> {
  const compilation = await compile(source, library);
  assert.ok(compilation.ok, JSON.stringify(compilation.diagnostics));
  const { output, log } = await run(await load(compilation.module), {
    platform: nodePlatform,
    ...options,
  });
  return {
    output: new TextDecoder().decode(output),
    log: log.map(({ level, text }) => `${level} ${text}`),
  };
}

test('lines are read one by one, the last one with or without a line feed', async () => {
  const source = `
    import { stdin } from 'olin';
    function main(): void {
      let line = stdin.readLine();
      while (line !== null) {
        console.log('[' + line + ']');
        line = stdin.readLine();
      }
    }
    main();`;
  assert.equal((await runSource(source, { stdin: 'a\n\nbé' })).output, '[a]\n[]\n[bé]\n');
  assert.equal((await runSource(source, { stdin: 'a\n' })).output, '[a]\n');
  assert.equal((await runSource(source)).output, '');
  const long = 'x'.repeat(10_000);
  assert.equal((await runSource(source, { stdin: `${long}\ny` })).output, `[${long}]\n[y]\n`);
});

test('a variable of any length is read completely, and an absent one is null', async () => {
  const source = `
    import { env, envOr } from 'olin';
    console.log(envOr('LONG', '').length.toString() + ' ' + envOr('EMPTY', 'x') + ' ' + (env('NO') === null).toString());`;
  const { output, log } = await runSource(source, { env: { LONG: 'x'.repeat(1000), EMPTY: '' } });
  assert.equal(output, '1000  true\n');
  assert.deepEqual(log, []);
});

test('a random number below a bound never reaches it', async () => {
  const source = `
    import { random } from 'olin';
    let most: u32 = 0;
    for (let i = 0; i < 2000; i++) most = max(most, random.below(3));
    console.log(most.toString() + ' ' + random.below(1).toString());`;
  assert.equal((await runSource(source)).output, '2 0\n');
});

test('text is escaped for HTML and JSON', async () => {
  const source = `
    import { args, escapeHtml, quoteJson } from 'olin';
    console.log(escapeHtml(args()[0]) + ' ' + quoteJson(args()[0]));`;
  const { output } = await runSource(source, { args: ['main', `<"&'\\\n>`] });
  const [html, json = ''] = output.split(' ');
  assert.equal(html, '&lt;&quot;&amp;&#39;\\\n&gt;');
  assert.equal(JSON.parse(json), `<"&'\\\n>`);
});

test('a thrown error is logged with its position in the source', async () => {
  const { log } = await runSource(
    `const list: i32[] = [];\nlist.push(1);\nthrow new Error('out of ideas');`,
  );
  assert.deepEqual(log, ['1 out of ideas at main.as:3:1']);
});
