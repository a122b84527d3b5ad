/** The playground in a real browser, on the built site with its real headers: a run, its bill, and its output. */
import assert from 'node:assert/strict';
import { suite } from 'node:test';
import { loadExamples } from '../../examples/load.ts';
import { compile as compileWat } from '../../sdk/wat/compile.ts';
import {
  ended,
  inPage,
  openFile,
  openInput,
  OUTPUT,
  PROBLEM,
  rewrite,
  RUN,
  run,
  siteOrigin,
} from './playground-page.ts';

suite('the playground', () => {
  inPage('runs hello, and shows output and bill', '/examples/hello/', async (page) => {
    assert.equal(await run(page), 'Exit 0');
    assert.equal(await page.innerText(OUTPUT), 'Hello, world!\n');
    await page.click('.tp-panels [data-key="bill"]');
    assert.match(await page.innerText('[data-view="bill"]'), /Gas\s*[\d,]+ of 33,554,432/);
    await page.click('.tp-panels [data-key="calls"]');
    assert.match(await page.innerText('[data-view="calls"]'), /resource_write/);
  });

  inPage(
    'the bill shows gas and memory against the limits of the policy',
    '/examples/hello/',
    async (page) => {
      await openInput(page, 'policy');
      await page.fill('[data-input="policy"]', 'gas-limit 2000\nram-page-limit 16');
      assert.equal(await run(page), 'Exit 0');
      await page.click('.tp-panels [data-key="bill"]');
      for (const [name, limit] of [
        ['Gas', 2000],
        ['Memory', 16],
      ] as const) {
        const meter = page.getByRole('meter', { name });
        assert.equal(await meter.getAttribute('aria-valuemax'), String(limit));
        const used = Number(await meter.getAttribute('aria-valuenow'));
        const text = (await meter.getAttribute('aria-valuetext')) ?? '';
        assert.ok(used > 0 && text.startsWith(`${used.toLocaleString('en')} of `), text);
        // The bar must match its text.
        const part = await meter.evaluate(
          (track) => (track.firstElementChild?.clientWidth ?? 0) / track.clientWidth,
        );
        assert.ok(Math.abs(part - used / limit) < 0.02, `${name}: ${part} is drawn`);
      }
    },
  );

  inPage(
    'the bill shows gas by function, and the sum is the gas of the same run elsewhere',
    '/examples/markdown/',
    async (page) => {
      assert.equal(await run(page), '200 OK');
      await page.click('.tp-panels [data-key="bill"]');
      const rows = page.locator('.tp-gas li');
      const found = await rows.evaluateAll((items) =>
        items.map((item) => ({
          name: item.querySelector('div')?.textContent ?? '',
          gas: Number(item.querySelector('span')?.firstChild?.textContent?.replaceAll(',', '')),
          bar: item.querySelector('.tp-gas-bar')?.clientWidth ?? 0,
        })),
      );
      assert.equal(found.length, 13);
      assert.match(found[0]?.name ?? '', /::/);
      assert.match(found.at(-1)?.name ?? '', /^\d+ others$/);
      const own = found.slice(0, -1);
      assert.deepEqual(
        own,
        own.toSorted((a, b) => b.gas - a.gas),
      );
      assert.ok(own.every(({ bar }, i) => bar > 0 && bar <= (own[i - 1]?.bar ?? bar)));
      assert.match((await rows.first().getAttribute('title')) ?? '', /: [\d,]+ instructions, /);
      const sum = found.reduce((total, { gas }) => total + gas, 0);
      const used = await page.getByRole('meter', { name: 'Gas' }).getAttribute('aria-valuenow');
      assert.equal(String(sum), used);
      // The terminal counts without a profile.
      const example = (await loadExamples()).find(({ name }) => name === 'markdown');
      const pinned = example?.cases.find(({ expect }) => expect.gas === sum);
      assert.ok(pinned, `no case of the example costs ${sum}`);
    },
  );

  inPage('loads the editor only when the source is focused', '/examples/hello/', async (page) => {
    await run(page);
    assert.equal(await page.locator('.monaco-editor').count(), 0);
    await page.focus('.tp-code pre');
    await page.waitForSelector('.monaco-editor .view-line');
  });

  inPage('compiles edited AssemblyScript and runs it', '/examples/hello/', async (page) => {
    await rewrite(
      page,
      "import { stdout } from 'olin';\nstdout.write('changed ' + (6 * 7).toString());",
    );
    await page.keyboard.press('ControlOrMeta+Enter');
    assert.equal(await ended(page), 'Exit 0');
    assert.equal(await page.innerText(OUTPUT), 'changed 42');
    await page.click('[data-do="reset"]');
    await run(page);
    assert.equal(await page.innerText(OUTPUT), 'Hello, world!\n');
  });

  inPage(
    'compiles edited TypeScript, with the gas of the module that was built in Node',
    '/examples/hello-ts/',
    async (page) => {
      const gas = async (): Promise<string | null> => {
        assert.equal(await run(page), '200 OK');
        assert.equal(await page.innerText(OUTPUT), 'Hello, Ada!\n');
        await page.click('.tp-panels [data-key="bill"]');
        return page.getByRole('meter', { name: 'Gas' }).getAttribute('aria-valuenow');
      };
      const built = await gas();
      const example = (await loadExamples()).find(({ name }) => name === 'hello-ts');
      await rewrite(page, `${example?.source}// edited\n`);
      assert.equal(await gas(), built);
      await rewrite(page, 'export default { fetch(): Response { throw new Error("lost"); } };');
      assert.equal(await run(page), '500 Internal Server Error');
      await page.click('.tp-panels [data-key="log"]');
      const log = await page.innerText('[data-view="log"]');
      assert.match(log, /Error: lost\s+at fetch \(main\.ts:1:\d+\)/);
    },
  );

  inPage('compiles edited WebAssembly text and runs it', '/examples/hello-wat/', async (page) => {
    await rewrite(
      page,
      '(module (memory (export "memory") 1) (func (export "_start") unreachable))',
    );
    assert.equal(await run(page), 'The guest trapped');
    assert.match(await page.innerText('[data-trap]'), /unreachable/);
  });

  for (const [path, source] of [
    ['/examples/hello/', "import { stdout } from 'olin';\n\nlet x: i32 = 'text';\n"],
    ['/examples/hello-wat/', '(module\n\n  (func (export "_start") (frobnicate)))'],
    ['/examples/hello-ts/', 'export default {\n  fetch() {\n    return ];\n  },\n};\n'],
  ] as const) {
    inPage(`shows a compile error at its line in ${path}`, path, async (page) => {
      await rewrite(page, source);
      await page.click(RUN);
      const place = page.locator(`${PROBLEM} button`).first();
      assert.match(await place.innerText(), /^Line 3, column \d+: /);
      await page.waitForSelector('.monaco-editor .squiggly-error');
      await place.click();
      assert.equal(
        await page.evaluate(() => document.activeElement?.closest('.tp-code') !== null),
        true,
      );
    });
  }

  inPage(
    'stops an endless loop, and can run again afterwards',
    '/examples/endless-loop/',
    async (page) => {
      await openInput(page, 'policy');
      await page.fill('[data-input="policy"]', 'gas-limit 9007199254740991');
      for (let times = 0; times < 2; times++) {
        await page.click(RUN);
        await page.waitForSelector('.tp-chip[data-tone="busy"]');
        // The page itself is never blocked by the guest.
        assert.equal(await page.evaluate(() => 1 + 1), 2);
        await page.click('[data-do="stop"]');
        await page.waitForSelector(`${RUN}:visible`);
        assert.equal(await ended(page), 'Stopped');
      }
      await page.click('[data-do="reset"]');
      assert.equal(await run(page), 'Out of gas');
    },
  );

  inPage('shows output while the guest still runs', '/examples/countdown/', async (page) => {
    await page.click(RUN);
    await page.waitForFunction(
      (selector) => (document.querySelector(selector)?.textContent ?? '') !== '',
      OUTPUT,
    );
    const early = await page.innerText(OUTPUT);
    assert.equal(await page.locator('.tp-chip[data-tone="busy"]').count(), 1);
    assert.equal(await ended(page), '200 OK');
    const late = await page.innerText(OUTPUT);
    assert.ok(late.startsWith(early.trimEnd()) && late.length > early.length);
  });

  inPage('formats JSON, and shows status and headers', '/examples/json-api/', async (page) => {
    assert.equal(await run(page), '200 OK');
    assert.match(await page.innerText('.tp-preview pre'), /^\{\n {2}"/);
    await page.click('.tp-headers summary');
    assert.match(await page.innerText('.tp-headers dl'), /application\/json/);
  });

  inPage('shows an image as an image', '/examples/png/', async (page) => {
    assert.equal(await run(page), '200 OK');
    await page.waitForFunction(
      () => (document.querySelector<HTMLImageElement>('.tp-image')?.naturalWidth ?? 0) > 0,
    );
    await page.click('.tp-mode[data-mode="bytes"]');
    assert.match(await page.innerText('.tp-bytes'), /^00000000 {2}89 50 4e 47/);
  });

  inPage('shows an HTML page in a sandboxed frame', '/examples/html-page/', async (page) => {
    assert.equal(await run(page), '200 OK');
    const frame = page.locator('iframe.tp-frame');
    assert.equal(await frame.getAttribute('sandbox'), '');
    await page.frameLocator('iframe.tp-frame').locator('h1').waitFor();
  });

  inPage(
    'a flood of output is cut, and the page stays responsive',
    '/examples/hello/',
    async (page) => {
      const flood = await compileWat(`(module
      (import "cwa" "io_get_stdout" (func $out (result i32)))
      (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "again and again\\n")
      (func (export "_start") (local $fd i32)
        (local.set $fd (call $out))
        (loop $more
          (drop (call $write (local.get $fd) (i32.const 0) (i32.const 16)))
          (br $more))))`);
      assert.ok(flood.ok);
      await openFile(page, 'flood.wasm', flood.module);
      await page.click(RUN);
      assert.match(await ended(page), /^(Out of gas|Too much output)$/);
      const text = await page.innerText(OUTPUT);
      assert.ok(text.length < 210_000, `${text.length} characters are shown`);
      assert.match(text, /Only the first 5,000 lines are shown; .+ were received in total\.$/);
    },
  );

  inPage(
    'a browser that cannot suspend a guest names browsers that can',
    '/examples/hello/',
    async (page) => {
      await page.route(/\/worker[-.\w]*\.js$/, async (route) => {
        const response = await route.fetch();
        const older = 'delete WebAssembly.Suspending; delete WebAssembly.promising;';
        await route.fulfill({ response, body: older + (await response.text()) });
      });
      // A guest that never waits runs normally.
      assert.equal(await run(page), 'Exit 0');
      await page.goto(`${siteOrigin()}/examples/countdown/`);
      await page.click(RUN);
      assert.equal(await ended(page), 'This browser cannot suspend a guest');
      assert.match(await page.innerText('[data-trap]'), /Chrome \d+/);
    },
  );
});
