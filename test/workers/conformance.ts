/** Runs every case of the conformance suite in a Web Worker; the guests are fetched. */
import { CASES, tryCase, type ConformanceHost } from '../../olin/conformance/index.ts';
import { compile, run } from '../../olin/index.ts';
import { browserPlatform } from '../../olin/platform/browser.ts';

const place: ConformanceHost = {
  run: async (bytes, options) => run(await compile(bytes), options),
  platform: browserPlatform,
};

addEventListener('message', async () => {
  const differences: string[][] = [];
  for (const [i, each] of CASES.entries()) {
    const guest = await (await fetch(`/guests/${i}.wasm`)).bytes();
    differences.push(await tryCase(each, guest, place));
  }
  postMessage(differences);
});
