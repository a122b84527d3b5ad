/** JavaScript handlers, from request to response. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { runInThisContext } from 'node:vm';
import { steady } from '../../examples/cases.ts';
import { compile, openSnapshot, serve } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { makeHandler } from './handler.ts';
import { ask, engine, evaluate, make } from './testdata/ask.ts';

const handler = (body: string): string =>
  `export default { async fetch(request, env, context) { ${body} } };`;

function refusal(code: string): string {
  const made = makeHandler(engine, { code, map: '' });
  if (made.ok) throw new Error('it was accepted');
  return made.diagnostics.map(({ message, line }) => `${line}: ${message}`).join('\n');
}

test('a handler answers with status, headers and body', async () => {
  const { status, headers, body, exit } = await ask(
    handler(
      `const headers = new Headers({ 'X-One': '1' }); headers.append('Set-Cookie', 'a=1'); headers.append('Set-Cookie', 'b=2');
       return new Response('café ' + request.method, { status: 201, headers })`,
    ),
  );
  assert.deepEqual([status, body, exit], [201, 'café GET', 0]);
  assert.equal(headers.get('content-type'), 'text/plain;charset=UTF-8');
  assert.equal(headers.get('content-length'), '9');
  assert.equal(headers.get('x-one'), '1');
  assert.deepEqual(headers.getSetCookie(), ['a=1', 'b=2']);
});

test('the request has the URL without the handler’s name, the headers and the body', async () => {
  const code = handler(
    `return Response.json([request.url, request.headers.get('X-Test'), request.headers.get('content-type'), await request.text()])`,
  );
  const request = new Request('http://host.test:81/run/greet/a%20b/?q=%C3%A9', {
    method: 'POST',
    body: 'ä'.repeat(70_000),
    headers: { 'X-Test': 'yes' },
  });
  const { body } = await ask(code, request, { scriptName: '/run/greet' });
  assert.deepEqual(JSON.parse(body), [
    'http://host.test:81/a%20b/?q=%C3%A9',
    'yes',
    'text/plain;charset=UTF-8',
    'ä'.repeat(70_000),
  ]);
  for (const [path, wanted] of [
    ['/run/greet', '/'],
    ['/run/greet?a/b', '/?a/b'],
    ['/run/greet/?a', '/?a'],
  ] as const) {
    const given = new Request(`http://host.test${path}`);
    const { body: short } = await ask(handler('return new Response(request.url)'), given, {
      scriptName: '/run/greet',
    });
    assert.equal(short, `http://host.test${wanted}`);
  }
});

test('bodies stream in both directions, and a failing stream ends the response early', async () => {
  const upper = handler(
    `const text = request.body.pipeThrough(new TextDecoderStream()).pipeThrough(new TransformStream({ transform: (part, to) => to.enqueue(part.toUpperCase()) }));
     return new Response(text.pipeThrough(new TextEncoderStream()))`,
  );
  const request = new Request('http://test/', { method: 'POST', body: 'abc'.repeat(10_000) });
  const { body } = await ask(upper, request);
  assert.ok(body === 'ABC'.repeat(10_000), body.slice(0, 200));
  const failing = await ask(
    handler(
      `let n = 0; return new Response(new ReadableStream({ pull(to) { if (n++ === 3) throw new Error('spent'); to.enqueue(new TextEncoder().encode('part')) } }))`,
    ),
  );
  assert.match(failing.body, /^broken: /);
  assert.equal(failing.exit, null);
  assert.match(failing.log[0]?.text ?? '', /^Error: spent\n {4}at pull \(handler\.js:1:\d+\)/);
});

test('an exception is a 500 for the caller, and a stack in the log for the owner', async () => {
  const { status, body, log, exit } = await ask(
    `function inner() {\n  throw new TypeError('bad', { cause: new Error('deep') });\n}\n${handler('inner()')}`,
  );
  assert.deepEqual([status, body, exit], [500, 'Internal Server Error\n', 0]);
  assert.equal(log.length, 1);
  assert.equal(log[0]?.level, 1);
  assert.match(
    log[0]?.text ?? '',
    /^TypeError: bad\n {4}at inner \(handler\.js:2:\d+\)\n {4}at fetch \(handler\.js:4:\d+\)[^]*caused by Error: deep\n {4}at inner/,
  );
});

test('a result that is not a Response and a promise that never settles are failures with a reason', async () => {
  const text = await ask(handler("return 'text'"));
  assert.equal(text.status, 500);
  assert.match(text.log[0]?.text ?? '', /must return a Response/);
  const never = await ask(handler('await new Promise(() => {})'));
  assert.equal(never.status, 500);
  assert.match(never.log[0]?.text ?? '', /waits for a promise that nothing settles/);
});

test('the clock, random numbers, timers and the environment are not available during initialization', () => {
  for (const [code, message] of [
    ['Math.random()', /^\d+: TypeError: Math\.random\(\) is not available/],
    ['Date.now()', /Date\.now\(\) is not available/],
    ['new Date()', /new Date\(\) is not available/],
    ['Date()', /new Date\(\) is not available/],
    ['setTimeout(() => {})', /setTimeout\(\) is not available/],
    ['crypto.randomUUID()', /is not available while the module is initialized/],
    ['performance.now()', /is not available while the module is initialized/],
    ["await fetch('https://example.com/')", /is not available while the module is initialized/],
    ["import { env } from 'trisiel'; env.KEY", /The environment is not available/],
  ] as const) {
    assert.match(refusal(`${code}; ${handler('')}`), message, code);
  }
  // Functions that do not depend on the time are available.
  make(`const when = new Date(0).toISOString(); const sum = Math.max(1, 2); ${handler('')}`);
});

test('a module that throws, has no handler or imports a missing module is refused at the build', () => {
  assert.match(refusal(`\n\nthrow new Error('early'); ${handler('')}`), /^3: Error: early/);
  assert.match(refusal('export const x = 1;'), /The module has no handler/);
  assert.match(refusal('export default { fetch: 1 }'), /The module has no handler/);
  assert.match(refusal("import fs from 'node:fs'; export default {}"), /no module "node:fs" here/);
  assert.match(refusal('export default {'), /SyntaxError/);
  assert.match(refusal(`await new Promise(() => {}); ${handler('')}`), /nothing settles/);
  assert.match(refusal(`for (;;); ${handler('')}`), /gas/);
});

test('each request starts with the state after the top level, and with new random numbers', async () => {
  const module = await compile(
    make(
      `let count = 0; const table = new Map([['a', 1]]); ${handler('return new Response([++count, table.get("a"), Math.random()].join())')}`,
    ),
  );
  const answer = async (): Promise<string> => {
    const served = await serve(module, new Request('http://test/'), { platform: nodePlatform });
    assert.ok(served.ok);
    const text = await served.response.text();
    await served.result;
    return text;
  };
  const [first, second] = [await answer(), await answer()];
  assert.match(first, /^1,1,0\.\d+$/);
  assert.match(second, /^1,1,0\.\d+$/);
  assert.notEqual(first, second);
});

test('the same request costs the same gas', async () => {
  const code = handler(
    `const seen = new Map(); for (let i = 0; i < 100; i++) seen.set('k' + i, i); return Response.json([...seen, crypto.randomUUID(), Math.random()])`,
  );
  const platform = steady(nodePlatform);
  const [one, two] = [
    await ask(code, undefined, { platform }),
    await ask(code, undefined, { platform: steady(nodePlatform) }),
  ];
  assert.equal(one.gas, two.gas);
  assert.equal(one.body, two.body);
});

test('deep recursion is a RangeError, not a trap', async () => {
  const { body, trap } = await ask(
    handler(
      `const dig = (n) => 1 + dig(n + 1); try { dig(0) } catch (error) { return new Response(error.name) }`,
    ),
  );
  assert.deepEqual([body, trap], ['RangeError', undefined]);
});

test('the configuration is the second argument and can be imported, without the variables of the request', async () => {
  const { body } = await ask(
    `import { env as own } from 'trisiel'; ${handler('return Response.json([{ ...env }, own.KEY, env.REQUEST_METHOD ?? null, "KEY" in env])')}`,
    'http://test/',
    { env: { KEY: 'value' } },
  );
  assert.deepEqual(JSON.parse(body), [{ KEY: 'value' }, 'value', null, true]);
});

test('the module trisiel has resources and the log', async () => {
  const { body, log } = await ask(
    `import { log, open } from 'trisiel'; ${handler(
      `log(3, 'careful'); const to = open('log://?prefix=x'); to.write('line'); to.close();
       console.error('no', { a: [1, new Map([['k', 'v']])] }, new Error('e').message); console.log('%s is %d', 'it', 4, null);
       return new Response(open('zero://').read(3).join())`,
    )}`,
  );
  assert.equal(body, '0,0,0');
  assert.deepEqual(
    log.map(({ level, text }) => [level, text]),
    [
      [3, 'careful'],
      [6, 'x: line'],
      [1, `no { a: [1, Map(1) { "k" => "v" }] } e`],
      [6, 'it is 4 null'],
    ],
  );
});

test('timers fire in order, and waitUntil() keeps the handler running after the response', async () => {
  const { body, log } = await ask(
    handler(
      `const order = []; setTimeout(() => order.push('late'), 20); setTimeout((x) => order.push(x), 1, 'soon'); const gone = setTimeout(() => order.push('never'), 5); clearTimeout(gone);
       queueMicrotask(() => order.push('micro')); await new Promise((done) => setTimeout(done, 25));
       context.waitUntil(new Promise((done) => setTimeout(done, 5)).then(() => console.log('after')));
       return new Response(order.join())`,
    ),
  );
  assert.equal(body, 'micro,soon,late');
  assert.deepEqual(
    log.map(({ text }) => text),
    ['after'],
  );
});

test('the engine produces the same module each time, and keeps its code', async () => {
  const code = handler("return new Response('x')");
  const bytes = await readFile(new URL('./engine.wasm', import.meta.url));
  const again = makeHandler(await openSnapshot(bytes), { code, map: '' });
  assert.ok(again.ok);
  assert.deepEqual(make(code), again.module);
  assert.ok(again.module.length < bytes.length + 30_000);
});

test('JavaScript expressions give the same results as in Node', async () => {
  const expression = `[[3, 1, 2].toSorted(), Object.groupBy([1, 2, 3], (n) => n % 2 ? 'odd' : 'even'), [1, 2].at(-1), 'x'.padStart(3), (123.456).toFixed(1), [...'a-b'.matchAll(/[a-z]/g)].length, new Intl_(), 2n ** 64n + '', JSON.stringify({ a: [1, { b: null }] }, null, 1)]`;
  const code = 'class Intl_ { toJSON() { return "j" } }';
  const here: unknown = JSON.parse(JSON.stringify(runInThisContext(`${code}; (${expression})`)));
  assert.deepEqual(await evaluate(expression, code), here);
});
