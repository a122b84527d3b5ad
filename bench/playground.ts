/**
 * The playground: time from Run to the first output, also after an edit of TypeScript, size of the pages, and Lighthouse
 * scores.
 */
import { chromium, type Browser, type Page } from 'playwright-core';
import { loadExample } from '../examples/load.ts';
import { findChromium, QUIET_FLAGS } from '../scripts/services/chromium.ts';
import { startSite } from '../test/setup/site.ts';
import { scorePage } from './measure/lighthouse.ts';
import { median } from './measure/median.ts';

const RUNS = 30;
const EDITED_RUNS = 10;
const GOAL_MS = 20;
const EDITED_GOAL_MS = 200;
const PAGE_GOAL_KIB = 100;
const PAGES = ['/', '/examples/hello/', '/playground/'];

/** `npm run bench -- playground [--no-lighthouse]` */
export async function run(args: readonly string[]): Promise<void> {
  const chromePath = await findChromium();
  if (chromePath === undefined) throw new Error('No Chromium was found; `npm test` installs one.');
  const site = await startSite();
  const browser = await chromium.launch({ executablePath: chromePath, args: QUIET_FLAGS });
  try {
    console.log('page                     KiB transferred before a click, including fonts');
    for (const path of PAGES) {
      const kibibytes = await measurePage(browser, site.origin + path);
      console.log(`${path.padEnd(24)} ${kibibytes.toFixed(1)} (goal ${PAGE_GOAL_KIB})`);
    }
    const times = await timeRuns(browser, `${site.origin}/examples/hello/`);
    if (!args.includes('--no-lighthouse')) await printScores(chromePath, site.origin);
    const edited = await timeEditedRuns(browser, `${site.origin}/examples/hello-ts/`);
    console.log(
      `Run to first output after an edit of TypeScript, ${EDITED_RUNS} runs: the first ${edited[0]?.toFixed(0)} ms, median of the others ${median(edited.slice(1)).toFixed(0)} ms (goal ${EDITED_GOAL_MS})`,
    );
    times.sort((a, b) => a - b);
    const last = times.at(-1) ?? NaN;
    console.log(
      `Run to first output, ${RUNS} runs, warm worker: ${times[0]?.toFixed(1)} to ${last.toFixed(1)} ms`,
    );
    console.log(`playground: ${median(times).toFixed(1)} ms (goal ${GOAL_MS})`);
  } finally {
    await browser.close();
    await site.stop();
  }
}

/** Returns the KiB received until the network is idle, including headers. */
async function measurePage(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.goto(url, { waitUntil: 'networkidle' });
  await context.close();
  return bytes / 1024;
}

/** Returns the milliseconds from the click on Run to the first change of the output, measured in the page. */
async function timeRuns(browser: Browser, url: string): Promise<number[]> {
  const page = await browser.newPage();
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.click('[data-do="run"]');
  await page.waitForSelector('[data-verdict]:has-text("exit")');
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    times.push(await timeRun(page));
    await page.waitForTimeout(50);
  }
  await page.close();
  return times;
}

function timeRun(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const output = document.querySelector('[data-view="body"]');
        const button = document.querySelector<HTMLElement>('[data-do="run"]');
        if (output === null || button === null) throw new Error('no playground in the page');
        let startedAt = 0;
        new MutationObserver((_changes, observer) => {
          if (output.textContent === '') return;
          observer.disconnect();
          resolve(performance.now() - startedAt);
        }).observe(output, { childList: true, subtree: true, characterData: true });
        startedAt = performance.now();
        button.click();
      }),
  );
}

/** The same for a source that is edited before each run: it is compiled, and its module is new. */
async function timeEditedRuns(browser: Browser, url: string): Promise<number[]> {
  const { source } = await loadExample('hello-ts');
  const page = await browser.newPage();
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.click('.tp-code');
  await page.waitForSelector('.monaco-editor.focused .view-line');
  const times: number[] = [];
  for (let i = 0; i < EDITED_RUNS; i++) {
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText(`${source}// edit ${i}\n`);
    times.push(await timeRun(page));
    await page.waitForTimeout(200);
  }
  await page.close();
  return times;
}

async function printScores(chromePath: string, origin: string): Promise<void> {
  console.log('Lighthouse               performance  accessibility  best practices  SEO');
  for (const path of PAGES) {
    for (const device of ['desktop', 'phone'] as const) {
      const scores = await scorePage(chromePath, origin + path, device);
      const cells = [
        scores.performance,
        scores.accessibility,
        scores['best-practices'],
        scores.seo,
      ].map((score, i) => String(score).padStart([11, 13, 14, 3][i] ?? 3));
      console.log(`${`${path} ${device}`.padEnd(24)} ${cells.join('  ')}`);
    }
  }
}
