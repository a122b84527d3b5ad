import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FUNCTIONS } from '../olin/index.ts';
import { loadExamples } from './load.ts';
import { checkCases, checkExample } from './shape.ts';
import { EXAMPLE_LANGUAGES } from './types.ts';

const examples = await loadExamples();

test('there are at least 20 examples, and several in each language', () => {
  assert.ok(examples.length >= 20, `${examples.length} examples`);
  for (const language of EXAMPLE_LANGUAGES) {
    const count = examples.filter(({ example }) => example.language === language).length;
    assert.ok(count >= 2, `${count} in ${language}`);
  }
});

test('every example has at least two cases, each with its own name', () => {
  for (const { name, cases } of examples) {
    assert.ok(cases.length >= 2, name);
    assert.equal(new Set(cases.map((one) => one.name)).size, cases.length, name);
  }
});

test('the first case of every example is what the playground starts with', () => {
  for (const { name, example, cases } of examples) {
    assert.deepEqual(cases[0]?.input, example.input, name);
  }
});

test('no two examples claim the same place in the sidebar', () => {
  const places = examples.map(({ example }) => `${example.group} ${example.order}`);
  assert.equal(new Set(places).size, places.length, places.join(', '));
});

test('`teaches` names functions of the ABI that the module imports', () => {
  for (const { name, example, module } of examples) {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(module)).map(
      (one) => one.name,
    );
    for (const taught of example.teaches) {
      assert.ok(FUNCTIONS.has(taught), `${name}: ${taught} is not a function of the ABI`);
      assert.ok(imports.includes(taught), `${name}: the module does not import ${taught}`);
    }
  }
});

test('each commonly used function of the ABI is taught by some example', () => {
  const taught = new Set(examples.flatMap(({ example }) => example.teaches));
  const missing = [
    'env_get',
    'log_write',
    'random_u32',
    'resource_open',
    'resource_read',
    'resource_write',
  ]
    .concat(
      'resource_close',
      'resource_flush',
      'runtime_exit',
      'runtime_msleep',
      'startup_arg_at',
      'time_now',
    )
    .filter((name) => !taught.has(name));
  assert.deepEqual(missing, []);
});

test('a module exports only its memory and its entry', () => {
  for (const { name, module } of examples) {
    const exports = WebAssembly.Module.exports(new WebAssembly.Module(module)).map(
      (one) => one.name,
    );
    assert.deepEqual(exports.sort(), ['_start', 'memory'], name);
  }
});

test('a module has the names of its functions, for backtraces', () => {
  for (const { name, module, example } of examples) {
    // Its functions are those of the engine; errors of JavaScript have a stack of their own.
    if (example.language === 'typescript') continue;
    const sections = WebAssembly.Module.customSections(new WebAssembly.Module(module), 'name');
    assert.equal(sections.length, 1, name);
  }
});

const EXAMPLE = {
  title: 'A title',
  summary: 'A sentence.',
  language: 'c',
  group: 'HTTP',
  order: 1,
  teaches: [],
  input: {},
};

function check(change: object): void {
  checkExample({ ...EXAMPLE, ...change }, 'x.json');
}

test('the error for an invalid file names the field and the allowed values', () => {
  check({});
  assert.throws(
    () => check({ summary: 'no sentence' }),
    /^Error: x\.json\.summary must be a sentence/,
  );
  assert.throws(
    () => check({ language: 'cobol' }),
    /^Error: x\.json\.language must be one of typescript, /,
  );
  assert.throws(
    () => check({ input: { argv: [] } }),
    /^Error: x\.json\.input: `argv` is not a field; there are request, /,
  );
  assert.throws(
    () => check({ input: { args: ['a', 1] } }),
    /^Error: x\.json\.input\.args\[1\] must be a string, and is 1\.$/,
  );
  assert.throws(() => checkExample({}, 'x.json'), /^Error: x\.json: `title` is missing\.$/);
  assert.throws(
    () => checkExample(null, 'x.json'),
    /^Error: x\.json must be an object, and is null\.$/,
  );
  assert.throws(
    () => checkCases([{ name: 'a', input: {}, expect: { output: '' } }], 'x.json'),
    /^Error: x\.json\[0\]\.expect must say how the run ends: `exit` or `trap`\.$/,
  );
});
