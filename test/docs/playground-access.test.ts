/** The playground by keyboard, on a phone, and with assistive technology. */
import assert from 'node:assert/strict';
import { suite } from 'node:test';
import { COLOUR_RULES, findViolations, setTheme } from '../setup/axe.ts';
import { ended, inPage, OUTPUT, RUN, run } from './playground-page.ts';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

suite('the playground, accessibly', () => {
  inPage('can be used by keyboard alone: select, run and read', '/playground/', async (page) => {
    await page.waitForSelector(RUN);
    await page.focus('.tp-pick select');
    await page.keyboard.press('Tab');
    for (let stops = 0; stops < 20; stops++) {
      if (await page.evaluate(() => document.activeElement?.getAttribute('data-do') === 'run'))
        break;
      // Tab enters the editor, and Escape leaves it to Run.
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

  // If the playground is the whole page, the whole page is checked.
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
      // Records changes from now on.
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
