/** The editor of the playground: Monaco with languages for source code. Loaded on the first focus. */
import { editor, KeyCode, KeyMod, languages, MarkerSeverity } from 'monaco-editor/editor';
import 'monaco-editor/features/contextmenu/register';
import 'monaco-editor/features/cursorUndo/register';
import 'monaco-editor/features/folding/register';
import 'monaco-editor/features/indentation/register';
import 'monaco-editor/features/readOnlyMessage/register';
import 'monaco-editor/languages/definitions/cpp/register';
import 'monaco-editor/languages/definitions/rust/register';
import 'monaco-editor/languages/definitions/typescript/register';
import type { Example } from '../../examples/types.ts';
import type { Diagnostic } from '../../sdk/diagnostic.ts';
import { WAT, WAT_BRACKETS } from '../grammars/wat.ts';
import { ZIG, ZIG_BRACKETS } from '../grammars/zig.ts';
import { createPlainEditor, goToPlace, paintEditors } from './plain-editor.ts';

export interface EditorOptions {
  readonly value: string;
  readonly language: Example['language'];
  /** The least height; it grows with the text up to a bound. */
  readonly heightPx: number;
  /** For a screen reader. */
  readonly label: string;
  /** Why the source cannot be edited, where it cannot. */
  readonly readOnly: string | undefined;
  readonly onEdit: (text: string) => void;
  /** Ctrl or Cmd and Enter. */
  readonly onRun: () => void;
  /** Escape, where it closes nothing in the editor. */
  readonly onLeave: () => void;
}

export interface Editor {
  value: string;
  mark(diagnostics: readonly Diagnostic[]): void;
  goTo(line: number, column: number): void;
  focus(): void;
  /** Frees what it holds. */
  close(): void;
}

/** AssemblyScript is coloured as TypeScript, C as C++. */
const LANGUAGE_IDS: Readonly<Record<Example['language'], string>> = {
  assemblyscript: 'typescript',
  rust: 'rust',
  zig: 'zig',
  c: 'cpp',
  wat: 'wat',
};

const MAX_HEIGHT_PX = 560;
const SEVERITIES: Readonly<Record<Diagnostic['severity'], MarkerSeverity>> = {
  error: MarkerSeverity.Error,
  warning: MarkerSeverity.Warning,
  info: MarkerSeverity.Info,
};

for (const [id, grammar, brackets] of [
  ['wat', WAT, WAT_BRACKETS],
  ['zig', ZIG, ZIG_BRACKETS],
] as const) {
  languages.register({ id });
  languages.setMonarchTokensProvider(id, grammar);
  languages.setLanguageConfiguration(id, brackets);
}

export function createEditor(host: HTMLElement, options: EditorOptions): Editor {
  followTheme(host);
  const inner = document.createElement('div');
  // Starlight's rules for an article's content stay out.
  inner.className = 'tp-editor not-content';
  host.append(inner);
  const made = createPlainEditor(inner, {
    value: options.value,
    language: LANGUAGE_IDS[options.language],
    ariaLabel: options.label,
    readOnly: options.readOnly !== undefined,
    ...(options.readOnly !== undefined && { readOnlyMessage: { value: options.readOnly } }),
    unicodeHighlight: { ambiguousCharacters: false },
    contextmenu: true,
    onEdit: options.onEdit,
    onLeave: options.onLeave,
  });
  const fit = (): void => {
    const most = Math.max(MAX_HEIGHT_PX, options.heightPx);
    inner.style.height = `${Math.min(most, Math.max(options.heightPx, made.getContentHeight()))}px`;
  };
  made.onDidContentSizeChange(fit);
  fit();
  made.addAction({
    id: 'trisiel.run',
    label: 'Run',
    keybindings: [KeyMod.CtrlCmd | KeyCode.Enter],
    run: options.onRun,
  });
  return {
    get value() {
      return made.getValue();
    },
    set value(text) {
      if (text !== made.getValue()) made.setValue(text);
    },
    mark: (diagnostics) => markModel(made.getModel(), diagnostics),
    goTo: (line, column) => goToPlace(made, { line, column }),
    focus: () => made.focus(),
    close() {
      made.getModel()?.dispose();
      made.dispose();
    },
  };
}

function markModel(model: editor.ITextModel | null, diagnostics: readonly Diagnostic[]): void {
  if (model === null) return;
  const markers = diagnostics.map(({ message, line, column, severity }) => {
    const lineNumber = Math.min(Math.max(line, 1), model.getLineCount());
    const word = model.getWordAtPosition({ lineNumber, column });
    return {
      message,
      severity: SEVERITIES[severity],
      startLineNumber: lineNumber,
      endLineNumber: lineNumber,
      startColumn: word?.startColumn ?? column,
      endColumn: word?.endColumn ?? column + 1,
    };
  });
  editor.setModelMarkers(model, 'compiler', markers);
}

let follows = false;

/** Keeps the editors' colours those of the site. */
function followTheme(host: HTMLElement): void {
  paintEditors(host);
  if (follows) return;
  follows = true;
  new MutationObserver(() => {
    const open = document.querySelector('.tp-code[data-state="open"]');
    if (open !== null) paintEditors(open);
  }).observe(document.documentElement, { attributeFilter: ['data-theme'] });
}
