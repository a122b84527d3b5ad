/** Measures Lighthouse scores of a page. */
import lighthouse, { desktopConfig } from 'lighthouse';
import { launch } from 'chrome-launcher';
import { QUIET_FLAGS } from '../../scripts/services/chromium.ts';

export interface Scores {
  readonly performance: number;
  readonly accessibility: number;
  readonly 'best-practices': number;
  readonly seo: number;
}

/** Returns scores from 0 to 100. Each call starts a new Chromium. */
export async function scorePage(
  chromePath: string,
  url: string,
  device: 'desktop' | 'phone',
): Promise<Scores> {
  const chrome = await launch({
    chromePath,
    chromeFlags: ['--headless', ...QUIET_FLAGS],
    logLevel: 'silent',
  });
  try {
    const result = await lighthouse(
      url,
      { port: chrome.port, logLevel: 'error' },
      device === 'desktop' ? desktopConfig : undefined,
    );
    if (result === undefined) throw new Error(`Lighthouse returned no result for ${url}.`);
    const { categories } = result.lhr;
    const score = (name: keyof Scores): number => Math.round((categories[name]?.score ?? 0) * 100);
    return {
      performance: score('performance'),
      accessibility: score('accessibility'),
      'best-practices': score('best-practices'),
      seo: score('seo'),
    };
  } finally {
    chrome.kill();
  }
}
