/** Runs cases of examples in a Web Worker; the modules are fetched from the page's own origin. */
import { runCase, steady } from '../../examples/cases.ts';
import type { Case } from '../../examples/types.ts';
import { browserPlatform } from '../../olin/platform/browser.ts';

/** A case to run, and the path of its module. */
interface CaseRequest {
  readonly module: string;
  readonly one: Case;
}

addEventListener('message', async ({ data }: MessageEvent<readonly CaseRequest[]>) => {
  // In parallel, because some of them sleep.
  const outcomes = data.map(async ({ module, one }) => {
    const bytes = await (await fetch(module)).bytes();
    const place = { platform: steady(browserPlatform), origin: location.origin };
    const { output, ...outcome } = await runCase(bytes, one, place);
    return { ...outcome, output: new TextDecoder().decode(output) };
  });
  postMessage(await Promise.all(outcomes));
});
