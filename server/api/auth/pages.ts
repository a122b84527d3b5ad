/** The layout of the sign-in pages, which contain no scripts. */
import type { FastifyRequest } from 'fastify';

/** Content-Security-Policy of these pages: inline styles, and forms to this origin. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/** Whether to send a problem as a page: a browser navigates to the endpoint. Programs get a problem document. */
export function wantsPage({ headers, routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.isPage === true && /\btext\/html\b/i.test(headers.accept ?? '');
}

/** @param title, @param body are HTML */
export function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f6f6f8, #17181c); color: light-dark(#17181c, #ededf0); }
main { box-sizing: border-box; width: min(24rem, calc(100vw - 2rem)); padding: 2rem; border-radius: 0.75rem; background: light-dark(#fff, #202228); box-shadow: 0 1px 3px #0003; }
h1 { margin: 0 0 0.5rem; font-size: 1.375rem; }
p { margin: 0 0 1.25rem; overflow-wrap: anywhere; }
label { display: block; margin-bottom: 0.25rem; font-weight: 600; }
input, button, .button { box-sizing: border-box; display: block; width: 100%; padding: 0.625rem 0.75rem; font: inherit; border-radius: 0.5rem; }
input { border: 1px solid light-dark(#8a8d98, #6d707c); background: transparent; color: inherit; }
button, .button { margin-top: 1rem; border: 0; background: #b93c18; color: #fff; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
a { color: light-dark(#b93c18, #ff9a78); }
.button { color: #fff; }
small { color: light-dark(#5b5e68, #a9acb6); }
:focus-visible { outline: 3px solid #f0603a; outline-offset: 2px; }
[role=alert] { color: light-dark(#b3261e, #ff9d8f); }
</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
