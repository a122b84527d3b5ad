/** The last step of a build: checks all links, and writes the hashes of inline scripts for the server. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AstroIntegration } from 'astro';
import { collectScriptHashes } from './csp.ts';
import { unlinkLazyStyles } from './lazy-styles.ts';
import { findBrokenLinks } from './links.ts';

/** The file with the hashes in the build's folder: `{ "scripts": ["'sha256-…'"] }`. */
export const CSP_FILE = 'csp.json';

export function checkBuild(): AstroIntegration {
  let site = '';
  return {
    name: 'trisiel:check-build',
    hooks: {
      'astro:config:done': ({ config }) => {
        site = (config.site ?? '').replace(/\/$/, '');
      },
      'astro:build:done': async ({ dir, logger }) => {
        const distDir = fileURLToPath(dir);
        await unlinkLazyStyles(distDir);
        const scripts = await collectScriptHashes(distDir);
        await writeFile(join(distDir, CSP_FILE), `${JSON.stringify({ scripts }, null, 2)}\n`);
        logger.info(`The hashes of ${scripts.length} inline scripts are in ${CSP_FILE}.`);
        const broken = await findBrokenLinks(distDir, site);
        if (broken.length === 0) return;
        const lines = broken.map(
          ({ page, href, reason }) => `  ${page} links to ${href}: ${reason}`,
        );
        throw new Error(`${broken.length} broken links:\n${lines.join('\n')}`);
      },
    },
  };
}
