// @ts-check
import starlight from '@astrojs/starlight';
import { readFileSync } from 'node:fs';
import { defineConfig } from 'astro/config';
import starlightOpenAPI from 'starlight-openapi';
import { checkBuild } from './docs-site/build/integration.ts';
import { buildSidebar } from './docs-site/sidebar.ts';
import { LANGUAGES } from './sdk/languages.ts';

const SITE = 'https://docs.trisiel.com';

export default defineConfig({
  site: SITE,
  srcDir: './docs-site/src',
  publicDir: './docs-site/public',
  outDir: './dist',
  trailingSlash: 'always',
  devToolbar: { enabled: false },
  prefetch: false,
  integrations: [
    starlight({
      title: 'Trisiel',
      description:
        'Functions as a service for WebAssembly. Read about a function, run it in the page, call it with curl.',
      favicon: '/favicon.svg',
      customCss: [
        './docs-site/src/styles/tokens.css',
        './docs-site/src/styles/theme.css',
        './docs-site/src/styles/content.css',
      ],
      components: {
        Footer: './docs-site/src/components/site/Footer.astro',
        Hero: './docs-site/src/components/landing/Hero.astro',
        Search: './docs-site/src/components/site/Search.astro',
        SiteTitle: './docs-site/src/components/site/SiteTitle.astro',
        SocialIcons: './docs-site/src/components/site/HeaderLinks.astro',
      },
      head: [
        font('/fonts/inter-5.3.0.woff2'),
        font('/fonts/jetbrains-mono-5.3.0.woff2'),
        { tag: 'meta', attrs: { name: 'theme-color', content: '#f0603a' } },
      ],
      editLink: { baseUrl: 'https://github.com/trisiel/trisiel/edit/main/' },
      social: [{ icon: 'github', label: 'GitHub', href: 'https://github.com/trisiel/trisiel' }],
      sidebar: buildSidebar(),
      plugins: [
        starlightOpenAPI([
          {
            base: 'server/api',
            schema: './docs-site/openapi.json',
            sidebar: { label: 'HTTP API', collapsed: true },
          },
        ]),
      ],
      routeMiddleware: './docs-site/src/route-data.ts',
      expressiveCode: {
        styleOverrides: {
          borderRadius: '0.5rem',
          codeFontSize: '0.8438rem',
          codeLineHeight: '1.6',
          frames: { shadowColor: 'transparent' },
        },
      },
      lastUpdated: false,
      pagination: true,
      disable404Route: true,
      credits: false,
    }),
    checkBuild(),
  ],
  markdown: { shikiConfig: { langAlias: grammars() } },
  vite: {
    worker: { format: 'es' },
    // What is loaded late, so that the development server need not reload the page for it.
    optimizeDeps: {
      include: ['comlink', 're2js', ...compilerPackages(), ...monacoEntries()],
    },
    build: { chunkSizeWarningLimit: 4000 },
  },
});

/**
 * A font that every page needs at once.
 * @param {string} href
 * @returns {{ tag: 'link', attrs: Record<string, string | boolean> }}
 */
function font(href) {
  return {
    tag: 'link',
    attrs: { rel: 'preload', as: 'font', type: 'font/woff2', href, crossorigin: true },
  };
}

/** The highlighter's grammar by the id of a language, if they differ. */
function grammars() {
  const others = LANGUAGES.filter(({ id, grammar }) => grammar !== id);
  return Object.fromEntries(others.map(({ id, grammar }) => [id, grammar]));
}

/** The packages of the compilers that run in the page. */
function compilerPackages() {
  return LANGUAGES.flatMap(({ compiler }) =>
    compiler.kind === 'built-in' ? compiler.packages : [],
  );
}

/** Every entry of the editor that the playground imports. */
function monacoEntries() {
  const source = readFileSync(new URL('./playground/editor/editor.ts', import.meta.url), 'utf8');
  return Array.from(source.matchAll(/'(monaco-editor\/[^']+)'/g), ([, entry = '']) => entry);
}
