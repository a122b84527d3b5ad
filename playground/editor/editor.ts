/** The playground's editor: Monaco with the languages of the examples. Loaded on first focus. */
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
import { getLanguage } from '../../sdk/languages.ts';
import { WAT, WAT_BRACKETS } from '../grammars/wat.ts';
import { ZIG, ZIG_BRACKETS } from '../grammars/zig.ts';
import { createPlainEditor, goToPosition, paintEditors } from './plain-editor.ts';

export interface EditorOptions {
  readonly value: string;
  readonly language: Example['language'];
  /** Minimum height. The editor grows with its text up to `MAX_HEIGHT_PX`. */
  readonly heightPx: number;
  /** Accessible name. */
  readonly label: string;
  /** Why the source is read-only; undefined if it can be edited. */
  readonly readOnly: string | undefined;
  readonly onEdit: (text: string) => void;
  /** Called on Ctrl+Enter or Cmd+Enter. */
  readonly onRun: () => void;
  /** Called on Escape, unless it closes something inside the editor. */
  readonly onLeave: () => void;
}

export interface Editor {
  value: string;
  mark(diagnostics: readonly Diagnostic[]): void;
  goTo(line: number, column: number): void;
  focus(): void;
  /** Disposes of the editor and its model. */
  close(): void;
}

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
  // `not-content` excludes the editor from Starlight's rules for article content.
  inner.className = 'tp-editor not-content';
  host.append(inner);
  const monaco = createPlainEditor(inner, {
    value: options.value,
    language: getLanguage(options.language).editor ?? 'plaintext',
    ariaLabel: options.label,
    readOnly: options.readOnly !== undefined,
    ...(options.readOnly !== undefined && { readOnlyMessage: { value: options.readOnly } }),
    unicodeHighlight: { ambiguousCharacters: false },
    contextmenu: true,
    onEdit: options.onEdit,
    onLeave: options.onLeave,
  });
  const fit = (): void => {
    const maxPx = Math.max(MAX_HEIGHT_PX, options.heightPx);
    inner.style.height = `${Math.min(maxPx, Math.max(options.heightPx, monaco.getContentHeight()))}px`;
  };
  monaco.onDidContentSizeChange(fit);
  fit();
  monaco.addAction({
    id: 'trisiel.run',
    label: 'Run',
    keybindings: [KeyMod.CtrlCmd | KeyCode.Enter],
    run: options.onRun,
  });
  return {
    get value() {
      return monaco.getValue();
    },
    set value(text) {
      if (text !== monaco.getValue()) monaco.setValue(text);
    },
    mark: (diagnostics) => markModel(monaco.getModel(), diagnostics),
    goTo: (line, column) => goToPosition(monaco, { line, column }),
    focus: () => monaco.focus(),
    close() {
      monaco.getModel()?.dispose();
      monaco.dispose();
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

let isFollowingTheme = false;

/** Updates the editors' colours when the site's theme changes. */
function followTheme(host: HTMLElement): void {
  paintEditors(host);
  if (isFollowingTheme) return;
  isFollowingTheme = true;
  new MutationObserver(() => {
    const open = document.querySelector('.tp-code[data-state="open"]');
    if (open !== null) paintEditors(open);
  }).observe(document.documentElement, { attributeFilter: ['data-theme'] });
}
