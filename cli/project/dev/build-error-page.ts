/** The page that browsers see while the build fails. It reloads every two seconds. */

export function buildErrorPage(
  name: string,
  { message, output }: { readonly message: string; readonly output: string },
): string {
  const compilerOutput =
    output.trim() === '' ? '' : `<pre role="log">${escapeHtml(output.trimEnd())}</pre>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2">
<title>${escapeHtml(name)} does not build</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { margin: 3rem auto; max-width: 60rem; padding: 0 1rem }
  pre { background: color-mix(in srgb, currentColor 8%, transparent); border-left: .25rem solid #c0392b; font-size: .875rem;
    overflow-x: auto; padding: 1rem; white-space: pre-wrap }
</style>
<h1>${escapeHtml(name)} does not build</h1>
<p>${escapeHtml(message)}</p>
${compilerOutput}
<p>Fix the source and save it: this page reloads every two seconds. Programs that call the handler get the last module
that was built, if there is one.</p>
</html>
`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
