/** The playground in a real browser, on the built site with its real headers. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, suite, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { loadExamples } from '../../examples/load.ts';
import { COLOUR_RULES, findViolations, setTheme } from '../setup/axe.ts';
import { gatherComplaints, launchBrowser } from '../setup/browser.ts';
import { compile as compileWat } from '../../sdk/wat/compile.ts';
import { startSite, type Site } from '../setup/site.ts';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const RUN = '[data-do="run"]';
const OUTPUT = '[data-view="body"] > .tp-stream[role="log"]';
const PROBLEM = '[data-problem]';

let site: Site;
let browser: Browser;
before(async () => {
  site = await startSite();
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  await site.stop();
});

/** A test on a page of its own; the page must have had nothing to complain of. */
function inPage(
  name: string,
  path: string,
  body: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): void {
  void test(name, async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const context = await browser.newContext({ permissions, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const complaints = gatherComplaints(page);
    await page.goto(site.origin + path);
    await body(page);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

async function run(page: Page): Promise<string> {
  await page.click(RUN);
  return ended(page);
}

/** The verdict, once there is one. */
async function ended(page: Page): Promise<string> {
  await page.waitForSelector('.tp-chip:not([data-tone="busy"])');
  return page.innerText('.tp-chip');
}

async function openInput(page: Page, key: string): Promise<void> {
  const details = page.locator('[data-inputs]');
  if ((await details.getAttribute('open')) === null) await details.locator('> summary').click();
  await details.locator(`[data-key="${key}"]`).click();
}

/** Opens the editor and replaces the source. */
async function rewrite(page: Page, source: string): Promise<void> {
  await page.click('.tp-code');
  await page.waitForSelector('.monaco-editor .view-line');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(source);
}

async function openFile(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.hover('.tp-head');
  await page.waitForFunction(() => document.querySelector('[data-ready]') !== null);
  await page.setInputFiles('[data-file-input]', {
    name,
    mimeType: 'application/wasm',
    buffer: Buffer.from(bytes),
  });
}

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
        // What is drawn is what is said.
        const part = await meter.evaluate(
          (track) => (track.firstElementChild?.clientWidth ?? 0) / track.clientWidth,
        );
        assert.ok(Math.abs(part - used / limit) < 0.02, `${name}: ${part} is drawn`);
      }
    },
  );

  inPage(
    'the bill shows where gas went by function, and it adds up to what the run costs elsewhere',
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

  inPage('loads the editor only when the source is touched', '/examples/hello/', async (page) => {
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

  inPage('stops an endless loop, and runs again after', '/examples/endless-loop/', async (page) => {
    await openInput(page, 'policy');
    await page.fill('[data-input="policy"]', 'gas-limit 9007199254740991');
    for (let times = 0; times < 2; times++) {
      await page.click(RUN);
      await page.waitForSelector('.tp-chip[data-tone="busy"]');
      // The page itself is never held up by the guest.
      assert.equal(await page.evaluate(() => 1 + 1), 2);
      await page.click('[data-do="stop"]');
      await page.waitForSelector(`${RUN}:visible`);
      assert.equal(await ended(page), 'Stopped');
    }
    await page.click('[data-do="reset"]');
    assert.equal(await run(page), 'Out of gas');
  });

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

  inPage('lays out JSON, and tells status and headers', '/examples/json-api/', async (page) => {
    assert.equal(await run(page), '200 OK');
    assert.match(await page.innerText('.tp-preview pre'), /^\{\n {2}"/);
    await page.click('.tp-headers summary');
    assert.match(await page.innerText('.tp-headers dl'), /application\/json/);
  });

  inPage('shows a picture as a picture', '/examples/png/', async (page) => {
    assert.equal(await run(page), '200 OK');
    await page.waitForFunction(
      () => (document.querySelector<HTMLImageElement>('.tp-image')?.naturalWidth ?? 0) > 0,
    );
    await page.click('.tp-mode[data-mode="bytes"]');
    assert.match(await page.innerText('.tp-bytes'), /^00000000 {2}89 50 4e 47/);
  });

  inPage('shows a page in a frame that can do nothing', '/examples/html-page/', async (page) => {
    assert.equal(await run(page), '200 OK');
    const frame = page.locator('iframe.tp-frame');
    assert.equal(await frame.getAttribute('sandbox'), '');
    await page.frameLocator('iframe.tp-frame').locator('h1').waitFor();
  });

  inPage('a shared link restores source and input', '/examples/hello/', async (page) => {
    await rewrite(page, "import { stdout } from 'olin';\nstdout.write('shared');");
    await openInput(page, 'args');
    await page.fill('[data-input="args"]', 'one\ntwo words');
    await page.click('[data-do="share"]');
    await page.getByText('Link copied').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(link.startsWith(`${site.origin}/playground/#play=`));
    await page.goto('about:blank');
    await page.goto(link);
    await page.waitForSelector('.monaco-editor .view-line');
    assert.equal(await run(page), 'Exit 0');
    assert.equal(await page.innerText(OUTPUT), 'shared');
    assert.equal(await page.inputValue('[data-input="args"]'), 'one\ntwo words');
  });

  inPage('a damaged link is told', '/playground/#play=AAAA', async (page) => {
    await page.getByText('The link is damaged').waitFor();
    assert.equal(await run(page), 'Exit 0');
  });

  inPage(
    'the curl line follows the request, and is copied',
    '/examples/hello-http/',
    async (page) => {
      await page.fill('[data-path]', "/a'b?x=1");
      await page.click('[data-do="copy-curl"]');
      await page.getByText('Copied').waitFor();
      const line = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(line, String.raw`curl 'http://127.0.0.1:4001/run/hello-http/a'\''b?x=1'`);
    },
  );

  inPage('runs a module of the reader’s own', '/examples/hello/', async (page) => {
    await openFile(
      page,
      'mine.wasm',
      await readFile(new URL('../../examples/dice/module.wasm', import.meta.url)),
    );
    await page.getByText('mine.wasm is loaded').waitFor();
    await openInput(page, 'args');
    await page.fill('[data-input="args"]', '2d6');
    assert.equal(await run(page), 'Exit 0');
    assert.match(await page.innerText(OUTPUT), /\d/);
    await page.click('[data-do="share"]');
    await page.getByText('Your .wasm cannot be shared').waitFor();
  });

  inPage('a file that is no module is refused by a sentence', '/examples/hello/', async (page) => {
    await openFile(page, 'picture.wasm', new TextEncoder().encode('GIF89a'));
    await page.getByText('picture.wasm is not a WebAssembly module').waitFor();
    await openFile(page, 'empty.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    assert.equal(await run(page), 'Failed to run');
    assert.match(await page.innerText('[data-trap]'), /_start/);
  });

  inPage('a flood of output is cut, and the page lives on', '/examples/hello/', async (page) => {
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
  });

  inPage('a policy that does not parse is told with its line', '/examples/hello/', async (page) => {
    await openInput(page, 'policy');
    await page.fill('[data-input="policy"]', 'gas-limit 100000\nallow (\n  [a-\n)\n');
    await page.click(RUN);
    await page.waitForSelector(`${PROBLEM}:visible`);
    assert.match(await page.innerText(PROBLEM), /The policy has an error\s+Line 3, column \d+: /);
  });

  inPage(
    'a path and headers that cannot be sent are told',
    '/examples/hello-http/',
    async (page) => {
      await page.fill('[data-path]', 'no-slash');
      await page.click(RUN);
      await page.getByText('must begin with a slash').waitFor();
      await page.fill('[data-path]', '/');
      await openInput(page, 'headers');
      await page.fill('[data-input="headers"]', 'Accept: text/plain\nnonsense');
      await page.click(RUN);
      await page.getByText('Header line 2 has no colon').waitFor();
    },
  );

  inPage(
    'a browser that cannot suspend a guest is told which can',
    '/examples/hello/',
    async (page) => {
      await page.route(/\/worker[-.\w]*\.js$/, async (route) => {
        const response = await route.fetch();
        const older = 'delete WebAssembly.Suspending; delete WebAssembly.promising;';
        await route.fulfill({ response, body: older + (await response.text()) });
      });
      // What never waits runs as anywhere.
      assert.equal(await run(page), 'Exit 0');
      await page.goto(`${site.origin}/examples/countdown/`);
      await page.click(RUN);
      assert.equal(await ended(page), 'This browser cannot suspend a guest');
      assert.match(await page.innerText('[data-trap]'), /Chrome \d+/);
    },
  );

  inPage('the keyboard alone picks, runs and reads', '/playground/', async (page) => {
    await page.waitForSelector(RUN);
    await page.focus('.tp-pick select');
    await page.keyboard.press('Tab');
    for (let stops = 0; stops < 20; stops++) {
      if (await page.evaluate(() => document.activeElement?.getAttribute('data-do') === 'run'))
        break;
      // Into the editor by Tab, out of it by Escape, which leads to Run.
      const inCode = await page.evaluate(
        () => document.activeElement?.closest('.tp-code') !== null,
      );
      if (inCode) await page.waitForSelector('.monaco-editor .view-line');
      await page.keyboard.press(inCode ? 'Escape' : 'Tab');
    }
    await page.keyboard.press('Enter');
    assert.equal(await ended(page), 'Exit 0');
    await page.focus('.tp-panels [aria-selected="true"]');
    await page.keyboard.press('End');
    assert.equal(
      await page.evaluate(() => document.activeElement?.getAttribute('data-key')),
      'bill',
    );
    assert.equal(await page.isVisible('[data-view="bill"]'), true);
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.isVisible(OUTPUT), true);
  });

  for (const path of ['/examples/json-api/', '/playground/']) {
    inPage(
      `fits a phone, without scrolling sideways: ${path}`,
      path,
      async (page) => {
        await page.waitForSelector(RUN);
        for (const key of [undefined, 'calls', 'bill', 'log']) {
          if (key === undefined) await run(page);
          else await page.click(`.tp-panels [data-key="${key}"]`);
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.equal(width, 390);
        }
      },
      PHONE,
    );
  }

  // Where the playground is the page, all of the page is looked at.
  for (const [path, part] of [
    ['/examples/json-api/', 'trisiel-playground'],
    ['/playground/', 'html'],
  ] as const) {
    inPage(`axe finds nothing in ${path}, light and dark`, path, async (page) => {
      const look = async (when: string, within: string): Promise<void> => {
        await setTheme(page, 'light');
        assert.deepEqual(await findViolations(page, undefined, within), [], `${when}, light`);
        await setTheme(page, 'dark');
        assert.deepEqual(await findViolations(page, COLOUR_RULES, within), [], `${when}, dark`);
      };
      await look('before a run', part);
      await run(page);
      await page.click('[data-inputs] > summary');
      await look('after a run', part);
      // What changes from now on.
      for (const key of ['calls', 'bill', 'log']) {
        await page.click(`.tp-panels [data-key="${key}"]`);
        await look(key, '.tp-result');
      }
      await page.click('.tp-code');
      await page.waitForSelector('.monaco-editor .view-line');
      await look('with the editor', '.tp-code');
    });
  }
});
