/** Opens a playground: embedded in an article that contains the source, or as a full page with a picker. */
import { App, type AppOptions } from './app.ts';
import { getLanguage, isCompiledInPage } from '../../sdk/languages.ts';
import type { ExampleData, ExampleEntry } from './data.ts';
import { make, reachSource } from '../dom.ts';
import { escapeHtml } from '../html.ts';
import { buildShell } from './shell.ts';
import { decodeShare, hasShare, type SharedState } from './share.ts';

const INDEX = '/examples/index.json';
const FIRST = 'hello';

let opened = 0;

/** Activates the playground of an article, adding its markup if the build did not. */
export function openEmbedded(element: HTMLElement, data: ExampleData, options: AppOptions): App {
  if (element.querySelector('.tp-head') === null) addShell(element, data);
  element.dataset['ready'] = '';
  return new App(element, data, options);
}

/** Fills the element with a picker and the playground of the selected example. */
export async function openPage(element: HTMLElement, options: AppOptions): Promise<void> {
  const shared = hasShare(location.hash) ? await decodeShare(location.hash) : undefined;
  const requested = shared?.ok === true ? shared.value.example : readQuery();
  const entries = await fetchJson<readonly ExampleEntry[]>(INDEX);
  const stage = make('div', 'tp-stage');
  element.dataset['ready'] = '';
  if (entries === undefined) {
    element.replaceChildren(
      make('p', 'tp-empty', 'The examples could not be loaded. Reload the page.'),
    );
    return;
  }
  const known = entries.some(({ name }) => name === requested);
  const select = buildPicker(entries, known && requested !== undefined ? requested : FIRST);
  const summary = make('p', 'tp-summary');
  const label = make('label', 'tp-pick', make('span', '', 'Example'), select);
  element.replaceChildren(make('div', 'tp-picker', label, summary), stage);
  let app: App | undefined;
  const show = async (state?: SharedState): Promise<void> => {
    const name = select.value;
    summary.textContent = entries.find((entry) => entry.name === name)?.summary ?? '';
    const [data, code] = await Promise.all([
      fetchJson<ExampleData>(`/examples/${name}/example.json`),
      fetchCode(name),
    ]);
    if (select.value !== name) return;
    app?.close();
    if (data === undefined) {
      stage.replaceChildren(
        make('p', 'tp-empty', 'This example could not be loaded. Select it again.'),
      );
      return;
    }
    app = openStage(stage, data, code ?? plainCode(data.source), options);
    if (state !== undefined) app.restore(state);
  };
  select.addEventListener('change', () => {
    history.replaceState(null, '', `?example=${select.value}`);
    void show();
  });
  await show(shared?.ok === true && known ? shared.value : undefined);
  if (shared?.ok === false) app?.notify('The link could not be opened', shared.message);
  else if (requested !== undefined && !known) {
    app?.notify(
      'The link could not be opened',
      `There is no example called ${requested}. Another one is shown instead.`,
    );
  }
}

function openStage(stage: HTMLElement, data: ExampleData, code: Node, options: AppOptions): App {
  const playground = make('div', 'tp tp-page', make('div', 'tp-code', code));
  reachSource(playground, data.name);
  addShell(playground, data);
  stage.replaceChildren(playground);
  return new App(playground, data, options);
}

/** Fetches the highlighted source from the example's page. Undefined if it cannot be fetched or has none. */
async function fetchCode(name: string): Promise<Node | undefined> {
  const text = await fetchText(`/examples/${name}/`);
  const page = new DOMParser().parseFromString(text ?? '', 'text/html');
  const code = page.querySelector('trisiel-playground .tp-code > *');
  for (const script of code?.querySelectorAll('script') ?? []) script.remove();
  return code === null ? undefined : document.importNode(code, true);
}

function plainCode(source: string): Node {
  return make('pre', '', make('code', '', source.trimEnd()));
}

/** Adds the playground's markup around the source. */
function addShell(element: HTMLElement, data: ExampleData): void {
  opened += 1;
  const { head, body } = buildShell(data, `tp-${data.name}-${opened}`);
  if (element.querySelector('.tp-code') === null) {
    const code = make('div', 'tp-code');
    code.append(...element.childNodes);
    element.append(code);
  }
  element.insertAdjacentHTML('afterbegin', head);
  element.insertAdjacentHTML('beforeend', body);
  const { dataset } = element;
  dataset['editable'] = String(isCompiledInPage(data.language));
}

function buildPicker(entries: readonly ExampleEntry[], chosen: string): HTMLSelectElement {
  const select = make('select');
  const groups = Map.groupBy(entries, ({ group }) => group);
  select.innerHTML = [...groups]
    .map(
      ([group, members]) =>
        `<optgroup label="${escapeHtml(group)}">${members
          .map(
            ({ name, title, language }) =>
              `<option value="${escapeHtml(name)}">${escapeHtml(title)} · ${getLanguage(language).title}</option>`,
          )
          .join('')}</optgroup>`,
    )
    .join('');
  select.value = chosen;
  return select;
}

function readQuery(): string | undefined {
  return new URLSearchParams(location.search).get('example') ?? undefined;
}

/** Returns undefined if the file cannot be fetched. The site's build writes it from the same type. */
async function fetchJson<Value>(url: string): Promise<Value | undefined> {
  const text = await fetchText(url);
  return text === undefined ? undefined : (JSON.parse(text) as Value);
}

async function fetchText(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url);
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}
