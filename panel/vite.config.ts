/** The panel as static files under `/panel/` of the built site; `npm run build` makes them. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  base: '/panel/',
  publicDir: here('./public'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    outDir: here('../dist/panel'),
    emptyOutDir: true,
    // The policy says which scripts run: none that is written into a page.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4000,
    // The documentation's own, which the same origin serves.
    rolldownOptions: { external: [/^\/fonts\//] },
  },
});
