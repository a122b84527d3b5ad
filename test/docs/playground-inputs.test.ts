/** Inputs of the playground: links, requests, policies, and uploaded modules. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { suite } from 'node:test';
import {
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

suite('the inputs of the playground', () => {
  inPage('a shared link restores source and input', '/examples/hello/', async (page) => {
    await rewrite(page, "import { stdout } from 'olin';\nstdout.write('shared');");
    await openInput(page, 'args');
    await page.fill('[data-input="args"]', 'one\ntwo words');
    await page.click('[data-do="share"]');
    await page.getByText('Link copied').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(link.startsWith(`${siteOrigin()}/playground/#play=`));
    await page.goto('about:blank');
    await page.goto(link);
    await page.waitForSelector('.monaco-editor .view-line');
    assert.equal(await run(page), 'Exit 0');
    assert.equal(await page.innerText(OUTPUT), 'shared');
    assert.equal(await page.inputValue('[data-input="args"]'), 'one\ntwo words');
  });

  inPage('a damaged link is reported', '/playground/#play=AAAA', async (page) => {
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

  inPage('a .wasm file from the reader’s disk runs', '/examples/hello/', async (page) => {
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

  inPage(
    'a file that is not a module is refused with an error message',
    '/examples/hello/',
    async (page) => {
      await openFile(page, 'picture.wasm', new TextEncoder().encode('GIF89a'));
      await page.getByText('picture.wasm is not a WebAssembly module').waitFor();
      await openFile(page, 'empty.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
      assert.equal(await run(page), 'Failed to run');
      assert.match(await page.innerText('[data-trap]'), /_start/);
    },
  );

  inPage('an invalid policy is reported with its line', '/examples/hello/', async (page) => {
    await openInput(page, 'policy');
    await page.fill('[data-input="policy"]', 'gas-limit 100000\nallow (\n  [a-\n)\n');
    await page.click(RUN);
    await page.waitForSelector(`${PROBLEM}:visible`);
    assert.match(await page.innerText(PROBLEM), /The policy has an error\s+Line 3, column \d+: /);
  });

  inPage(
    'a path and headers that cannot be sent are reported',
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
});
