import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { suite, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { InputError, meter } from '../../../olin/index.ts';
import { ProblemError } from '../../problems/problems.ts';
import { Validator, type ValidatorOptions } from './validator.ts';

const runFile = promisify(execFile);
/** The default of the setting. */
const UPLOAD_CHECK_MS = 10_000;
const hello = Uint8Array.from(
  await readFile(new URL('../../../examples/hello/module.wasm', import.meta.url)),
);

function openValidator(t: TestContext, options: Partial<ValidatorOptions> = {}): Validator {
  const validator = new Validator({ timeoutMs: 60_000, ...options });
  t.after(() => validator.close());
  return validator;
}

function isProblem(code: string, detail: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ProblemError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, detail);
    return true;
  };
}

/** A valid module with many functions, which takes a while to check. */
function largeModule(functions: number): Uint8Array {
  return moduleOf(Array.from({ length: functions }, () => [0, 0x0b]));
}

/** Builds a module of functions without parameters and results from their bodies; the first one is `_start`. */
function moduleOf(bodies: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [...leb(bodies.length), ...bodies.map(() => 0)]),
    ...section(7, [1, 6, ...Buffer.from('_start'), 0, 0]),
    ...section(10, [
      ...leb(bodies.length),
      ...bodies.flatMap((body) => [...leb(body.length), ...body]),
    ]),
  ]);
}

/** A body with the given numbers of locals and of `if (local 0) local 1 = 1`. */
function costlyBody(locals: number, ifs: number): number[] {
  const code = Array.from({ length: ifs }, () => [0x20, 0, 0x04, 0x40, 0x41, 1, 0x21, 1, 0x0b]);
  return [1, ...leb(locals), 0x7f, ...code.flat(), 0x0b];
}

/** Returns the largest number for which the compile cost of the module is accepted. */
function largestAccepted(make: (count: number) => Uint8Array<ArrayBuffer>, most: number): number {
  let [accepted, refused] = [0, most];
  while (refused - accepted > 1) {
    const middle = Math.floor((accepted + refused) / 2);
    try {
      meter(make(middle));
      accepted = middle;
    } catch (error) {
      assert.ok(error instanceof InputError, String(error));
      refused = middle;
    }
  }
  return accepted;
}

const COSTLY: readonly [string, RegExp, (count: number) => Uint8Array<ArrayBuffer>, number][] = [
  [
    'a function',
    /^Function 1 is too costly to compile/,
    (ifs) => moduleOf([[0, 0x0b], costlyBody(20_000, ifs)]),
    2000,
  ],
  [
    'a module',
    /^The module is too costly to compile/,
    (functions) =>
      moduleOf([[0, 0x0b], ...Array.from({ length: functions }, () => costlyBody(49_900, 0))]),
    2000,
  ],
];

function section(id: number, body: readonly number[]): number[] {
  return [id, ...leb(body.length), ...body];
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

suite('checking untrusted modules', () => {
  test('accepts a valid module and reports its imports', async (t) => {
    const checked = await openValidator(t).checkModule('u', hello);
    assert.ok(WebAssembly.validate(Uint8Array.from(checked.metered)));
    assert.notEqual(checked.metered.length, 0);
    assert.ok(
      checked.report.imports.every((name) => /^(cwa|env)\./.test(name)),
      checked.report.imports.join(),
    );
  });

  test('explains a refusal: what was found and what to do', async (t) => {
    const validator = openValidator(t);
    const check = (bytes: Uint8Array) => validator.checkModule('u', bytes);
    await assert.rejects(check(new Uint8Array()), isProblem('module-refused', /\.$/));
    await assert.rejects(check(Buffer.from('PK\u0003\u0004')), isProblem('module-refused', /\.$/));
    await assert.rejects(check(hello.subarray(0, 30)), isProblem('module-refused', /\.$/));
    await assert.rejects(
      validator.checkPolicy('u', 'allow (\n  ^https://[\n)'),
      isProblem('policy-refused', /\.$/),
    );
  });

  for (const [what, refusal, make, most] of COSTLY) {
    test(`both compilers can handle everything within the bounds, and the rest is refused: ${what}`, async (t) => {
      const validator = openValidator(t, { timeoutMs: UPLOAD_CHECK_MS });
      const largest = largestAccepted(make, most);
      await validator.checkModule('u', make(largest));
      await assert.rejects(
        validator.checkModule('u', make(largest + 1)),
        isProblem('module-refused', refusal),
      );
    });
  }

  test('stops a check that takes too long, and continues with the next', async (t) => {
    const validator = openValidator(t, { timeoutMs: 20 });
    const large = largeModule(60_000);
    await assert.rejects(
      validator.checkModule('u', large),
      isProblem('module-refused', /longer than 20 ms/),
    );
    await assert.rejects(
      validator.checkModule('u', large),
      isProblem('module-refused', /longer than 20 ms/),
    );
    assert.equal(validator.depth, 0);
  });

  test(
    'stops a check that needs too much memory',
    { skip: process.platform !== 'linux' },
    async (t) => {
      const validator = openValidator(t, { memoryBytes: 1 });
      await assert.rejects(
        (async () => {
          for (let i = 0; i < 20; i += 1) await validator.checkModule('u', largeModule(60_000));
        })(),
        (error) => error instanceof Error && /memory|did not start/.test(error.message),
      );
    },
  );

  test('does not let one user block the others', async (t) => {
    const validator = openValidator(t, { queuePerUser: 2 });
    const mine = [validator.checkModule('greedy', hello), validator.checkModule('greedy', hello)];
    await assert.rejects(
      validator.checkModule('greedy', hello),
      isProblem('too-many-requests', /in progress/),
    );
    await validator.checkModule('other', hello);
    await Promise.all(mine);
    await validator.checkModule('greedy', hello);
  });

  test('serves the user who waited longest, not the one with the most requests', async (t) => {
    const validator = openValidator(t);
    const done: string[] = [];
    const check = (user: string): Promise<void> =>
      validator.checkModule(user, hello).then(() => void done.push(user));
    await Promise.all([
      ...['greedy', 'greedy', 'greedy', 'greedy'].map(check),
      ...['one', 'two'].map(check),
    ]);
    assert.deepEqual(done, ['greedy', 'one', 'two', 'greedy', 'greedy', 'greedy']);
  });

  test('refuses checks when its queue is full, with the time to retry', async (t) => {
    const validator = openValidator(t, { queue: 1 });
    const first = validator.checkModule('a', hello);
    const second = validator.checkModule('b', hello);
    await assert.rejects(validator.checkModule('c', hello), isProblem('unavailable', /moment/));
    await Promise.all([first, second]);
  });

  test('has no access to secrets', { skip: process.platform !== 'linux' }, async (t) => {
    process.env['TRISIEL_TEST_SECRET'] = 'in-the-environment';
    t.after(() => delete process.env['TRISIEL_TEST_SECRET']);
    await openValidator(t).checkModule('u', hello);
    const { stdout } = await runFile('pgrep', [
      '-P',
      String(process.pid),
      '-f',
      'module-check/process.ts',
    ]);
    for (const pid of stdout.trim().split('\n')) {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
      assert.doesNotMatch(environment, /in-the-environment/);
    }
  });

  test(
    'stops its processes when it is closed',
    { skip: process.platform !== 'linux' },
    async () => {
      const validator = new Validator();
      await validator.checkModule('u', hello);
      await validator.close();
      const search = ['-P', String(process.pid), '-f', 'module-check/process.ts'];
      const end = performance.now() + 20_000;
      for (;;) {
        const { stdout } = await runFile('pgrep', search).catch(() => ({ stdout: '' }));
        if (stdout === '') break;
        assert.ok(performance.now() < end, `processes ${stdout} live on`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await assert.rejects(
        async () => validator.checkModule('u', hello),
        isProblem('unavailable', /stopping/),
      );
    },
  );
});
