/** What the editors of the playground and of the panel have in common: parts of Monaco, its worker, options, colours. */
import { editor, KeyCode } from 'monaco-editor/editor';
import 'monaco-editor/features/bracketMatching/register';
import 'monaco-editor/features/clipboard/register';
import 'monaco-editor/features/codicon/register';
import 'monaco-editor/features/comment/register';
import 'monaco-editor/features/find/register';
import 'monaco-editor/features/hover/register';
import 'monaco-editor/features/linesOperations/register';
import 'monaco-editor/features/multicursor/register';
import 'monaco-editor/features/toggleTabFocusMode/register';
import 'monaco-editor/features/wordOperations/register';
import { buildTheme } from './editor-theme.ts';

export interface PlainEditorOptions extends editor.IStandaloneEditorConstructionOptions {
  readonly value: string;
  readonly language: string;
  /** For a screen reader. */
  readonly ariaLabel: string;
  readonly onEdit: (text: string) => void;
  /** Escape, where it closes nothing in the editor: Tab indents, so there must be a way out by keyboard. */
  readonly onLeave: () => void;
}

self.MonacoEnvironment = {
  getWorker: () => new Worker(new URL('./editor-worker.ts', import.meta.url), { type: 'module' }),
};

/** Quiet: no map, no suggestions, no marks but those that are put there. */
const OPTIONS: editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  fontSize: 13.5,
  lineHeight: 1.6,
  fontLigatures: false,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  scrollbar: {
    alwaysConsumeMouseWheel: false,
    verticalScrollbarSize: 10,
    horizontalScrollbarSize: 10,
  },
  overviewRulerLanes: 0,
  hideCursorInOverviewRuler: true,
  overviewRulerBorder: false,
  lineNumbersMinChars: 3,
  lineDecorationsWidth: 8,
  folding: false,
  glyphMargin: false,
  guides: { indentation: false },
  renderLineHighlight: 'line',
  renderLineHighlightOnlyWhenFocus: true,
  padding: { top: 12, bottom: 12 },
  tabSize: 2,
  // A bracket typed over a selection replaces it, as any other character does.
  autoSurround: 'never',
  wordBasedSuggestions: 'off',
  quickSuggestions: false,
  occurrencesHighlight: 'off',
  selectionHighlight: false,
  links: false,
  stickyScroll: { enabled: false },
  fixedOverflowWidgets: true,
};

/** Its font is that of `host`. */
export function createPlainEditor(
  host: HTMLElement,
  { onEdit, onLeave, ...rest }: PlainEditorOptions,
): editor.IStandaloneCodeEditor {
  const made = editor.create(host, {
    ...OPTIONS,
    fontFamily: getComputedStyle(host).fontFamily,
    ...rest,
  });
  // The static code has its brackets in one colour.
  made.getModel()?.updateOptions({
    bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
  });
  made.onDidChangeModelContent(() => onEdit(made.getValue()));
  // An action, not a command: a command of one editor would be run for all of the page.
  made.addAction({
    id: 'trisiel.leave',
    label: 'Leave the editor',
    keybindings: [KeyCode.Escape],
    precondition:
      'editorTextFocus && !findWidgetVisible && !editorHasMultipleSelections && !editorHoverVisible',
    run: onLeave,
  });
  return made;
}

/** Gives all editors of the page the colours of the page around `host`. */
export function paintEditors(host: Element): void {
  const isDark = document.documentElement.dataset['theme'] !== 'light';
  editor.defineTheme('trisiel', buildTheme(isDark, getComputedStyle(host)));
  editor.setTheme('trisiel');
}

export function goToPlace(
  made: editor.IStandaloneCodeEditor,
  place: { readonly line: number; readonly column: number },
): void {
  made.setPosition({ lineNumber: place.line, column: place.column });
  made.revealLineInCenterIfOutsideViewport(place.line);
  made.focus();
}
