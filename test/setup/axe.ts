/** What axe finds wrong in a page. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const axe = await readFile(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** All of the default rules that look at colours. The others find in a dark page what they find in the light one. */
export const COLOUR_RULES: readonly string[] = ['color-contrast', 'link-in-text-block'];

/**
 * One line each.
 * @param rules those to look at; default all
 * @param within a selector of the part to look at; default the whole page
 */
export async function findViolations(
  page: Page,
  rules?: string | readonly string[],
  within = 'html',
): Promise<string[]> {
  // By the debugger’s way, which the policy of the page does not reach.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const options = {
    resultTypes: ['violations'],
    ...(rules === undefined ? {} : { runOnly: [rules].flat() }),
  };
  const found = await page.evaluate<readonly Violation[]>(
    `axe.run(${JSON.stringify(within)}, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${help}: ${html} ${failureSummary}`),
  );
}

/** Puts a page of the documentation, or one with a playground, into the other colours. */
export async function setTheme(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await page.waitForFunction((to) => document.documentElement.dataset['theme'] === to, theme);
}
