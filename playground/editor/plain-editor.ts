/** Monaco features, worker, options and theme shared by the editors of the playground and the panel. */
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
  /** Accessible name. */
  readonly ariaLabel: string;
  readonly onEdit: (text: string) => void;
  /**
   * Called on Escape, unless it closes something inside the editor. Tab indents, so the keyboard needs another way
   * to leave.
   */
  readonly onLeave: () => void;
}

self.MonacoEnvironment = {
  getWorker: () => new Worker(new URL('./editor-worker.ts', import.meta.url), { type: 'module' }),
};

/** No minimap, no suggestions and no automatic highlights. */
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

/** Creates an editor with the font of `host`. */
export function createPlainEditor(
  host: HTMLElement,
  { onEdit, onLeave, ...rest }: PlainEditorOptions,
): editor.IStandaloneCodeEditor {
  const monaco = editor.create(host, {
    ...OPTIONS,
    fontFamily: getComputedStyle(host).fontFamily,
    ...rest,
  });
  // The static code does not colour brackets by depth.
  monaco.getModel()?.updateOptions({
    bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
  });
  monaco.onDidChangeModelContent(() => onEdit(monaco.getValue()));
  // An action, not a command: Monaco's commands apply to all editors of the page.
  monaco.addAction({
    id: 'trisiel.leave',
    label: 'Leave the editor',
    keybindings: [KeyCode.Escape],
    precondition:
      'editorTextFocus && !findWidgetVisible && !editorHasMultipleSelections && !editorHoverVisible',
    run: onLeave,
  });
  return monaco;
}

/** Applies the page's colours, read from `host`, to all editors. */
export function paintEditors(host: Element): void {
  const isDark = document.documentElement.dataset['theme'] !== 'light';
  editor.defineTheme('trisiel', buildTheme(isDark, getComputedStyle(host)));
  editor.setTheme('trisiel');
}

export function goToPosition(
  monaco: editor.IStandaloneCodeEditor,
  position: { readonly line: number; readonly column: number },
): void {
  monaco.setPosition({ lineNumber: position.line, column: position.column });
  monaco.revealLineInCenterIfOutsideViewport(position.line);
  monaco.focus();
}
