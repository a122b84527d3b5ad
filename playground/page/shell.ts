/**
 * The playground's HTML, as it is before any script runs: written into the page by the site's build, and by the
 * element itself if the page has a picker. Pure. The source goes between `head` and `body`, in an element of class
 * `tp-code`.
 */
import { getLanguage, isCompiledInPage } from '../../sdk/languages.ts';
import type { ExampleData } from './data.ts';
import { escapeHtml, icon, tabsHtml } from '../html.ts';
import { writeEnvironment, writeHeaders, writeQuery } from '../inputs/input-text.ts';

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
/** The option that runs the module as a program, without a request. */
export const PROGRAM = 'program';

export interface PlaygroundShell {
  readonly head: string;
  readonly body: string;
}

/** `id` prefixes every id inside and must be unique in the page. */
export function buildShell(data: ExampleData, id: string): PlaygroundShell {
  return { head: head(data), body: body(data, id) };
}

function head({ sourceFile, language }: ExampleData): string {
  const hint = isCompiledInPage(language)
    ? 'Editable: compiled in the browser'
    : 'Built ahead of time';
  return `<div class="tp-head">
<span class="tp-file" data-file>${escapeHtml(sourceFile)}</span>
<span class="tp-language" data-language title="${hint}">${getLanguage(language).title}</span>
<span class="tp-tools">
<button type="button" class="tp-tool" data-do="reset" title="Restore the original example">${icon('reset')}<span>Reset</span></button>
<button type="button" class="tp-tool" data-do="share" title="Copy a link to this source and input">${icon('share')}<span>Share</span></button>
<button type="button" class="tp-tool" data-do="open" title="Run your own module: choose a file or drop it here">${icon('open')}<span>Open .wasm</span></button>
<input type="file" accept=".wasm,application/wasm" data-file-input hidden tabindex="-1" aria-label="Your own module">
</span>
</div>`;
}

function body(data: ExampleData, id: string): string {
  return `<div class="tp-body">
<div class="tp-notice" role="alert" data-problem hidden></div>
${bar(data, id)}
${inputs(data, id)}
<section class="tp-result" aria-label="Result of ${escapeHtml(data.name)}">
<div class="tp-verdict" role="status" data-verdict><span class="tp-idle">Press Run: the module runs here, in your browser.</span></div>
<div class="tp-notice" role="alert" data-trap hidden></div>
<div class="tp-panels" data-panels hidden>${results(id)}</div>
</section>
<div class="tp-curl" data-curl hidden><code tabindex="0" role="region" aria-label="curl command for this request"></code><button type="button" class="tp-tool" data-do="copy-curl">${icon('copy')}<span>Copy</span></button></div>
</div>`;
}

function bar({ input, name }: ExampleData, id: string): string {
  const method = input.request?.method.toUpperCase() ?? PROGRAM;
  const options = [...new Set([...METHODS, ...(method === PROGRAM ? [] : [method])])].map(
    (each) => `<option${each === method ? ' selected' : ''}>${escapeHtml(each)}</option>`,
  );
  const program = method === PROGRAM;
  return `<form class="tp-bar" data-bar novalidate>
<label class="tp-hidden" for="${id}-method">Run as</label>
<select id="${id}-method" data-method><option value="${PROGRAM}"${program ? ' selected' : ''}>Program</option>${options.join('')}</select>
<label class="tp-hidden" for="${id}-path">Path</label>
<input id="${id}-path" data-path value="${escapeHtml(input.request?.path ?? '/')}" spellcheck="false" autocapitalize="off" autocomplete="off"${program ? ' hidden' : ''}>
<code class="tp-command" data-command${program ? '' : ' hidden'}>${escapeHtml(name)}.wasm</code>
<button type="submit" class="tp-run" data-do="run">${icon('run')}<span>Run</span><kbd data-shortcut>Ctrl ↵</kbd></button>
<button type="button" class="tp-run tp-stop" data-do="stop" hidden>${icon('stop')}<span>Stop</span></button>
</form>`;
}

function inputs({ input }: ExampleData, id: string): string {
  const { request, args = [], env, stdin, policy } = input;
  const program = request === undefined;
  const area = (key: string, label: string, text: string, hint: string): string =>
    `<label class="tp-hidden" for="${id}-in-${key}-text">${label}</label><textarea id="${id}-in-${key}-text" data-input="${key}" rows="3" spellcheck="false" autocapitalize="off" autocomplete="off" placeholder="${escapeHtml(hint)}">${escapeHtml(text)}</textarea>`;
  const panels = [
    ['query', 'Query', writeQuery(request?.path ?? ''), 'name=value, one a line'],
    ['headers', 'Headers', writeHeaders(request?.headers), 'Name: value, one a line'],
    [
      'body',
      program ? 'Standard input' : 'Body',
      request?.body ?? stdin ?? '',
      'Text for the guest to read',
    ],
    ['args', 'Arguments', args.join('\n'), 'One argument a line'],
    ['env', 'Environment', writeEnvironment(env), 'NAME=value, one a line'],
    [
      'policy',
      'Policy',
      policy ?? '',
      'gas-limit 33554432\nram-page-limit 128\ndisallow ^https://example\\.com/',
    ],
  ] as const;
  const open = [request?.body, stdin, policy, args[0]].some((text) => text !== undefined);
  return `<details class="tp-inputs" data-inputs${open ? ' open' : ''}><summary>Input<span class="tp-input-note" data-input-note></span></summary>
${tabsHtml(
  `${id}-in`,
  'Input',
  panels.map(([key, label, text, hint]) => ({ key, label, panel: area(key, label, text, hint) })),
)}</details>`;
}

function log(key: string, label: string): string {
  return `<pre class="tp-stream" data-view="${key}" role="log" aria-label="${label}" tabindex="0"></pre>`;
}

function table(key: string, label: string): string {
  return `<div class="tp-scroll" data-view="${key}" role="region" aria-label="${label}" tabindex="0"></div>`;
}

function results(id: string): string {
  return tabsHtml(`${id}-out`, 'Result', [
    { key: 'body', label: 'Response', panel: '<div data-view="body"></div>' },
    { key: 'errors', label: 'Errors', panel: log('errors', 'Standard error') },
    { key: 'log', label: 'Log', panel: log('log', 'Log') },
    { key: 'calls', label: 'Calls', panel: table('calls', 'System calls') },
    { key: 'bill', label: 'Bill', panel: table('bill', 'Bill') },
  ]);
}
