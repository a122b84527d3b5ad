/** The only file of the panel that knows Monaco. Loaded when the policy page is. */
import { editor, KeyCode, KeyMod, languages, MarkerSeverity } from 'monaco-editor/editor';
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
import { buildTheme } from '../../playground/editor-theme.ts';
import { POLICY_CONFIGURATION, POLICY_LANGUAGE } from './language.ts';

export interface Finding {
  readonly message: string;
  /** 1-based, in UTF-16 units. */
  readonly line: number;
  readonly column: number;
}

export interface PolicyEditor {
  replace(text: string): void;
  mark(findings: readonly Finding[]): void;
  goTo(finding: Finding): void;
  close(): void;
}

export interface PolicyEditorOptions {
  readonly value: string;
  /** For a screen reader. */
  readonly label: string;
  readonly onEdit: (text: string) => void;
  /** Escape, where it closes nothing in the editor: Tab indents, so there must be a way out by keyboard. */
  readonly onLeave: () => void;
  /** Ctrl or Cmd and S. */
  readonly onSave: () => void;
}

const LANGUAGE = 'trisiel-policy';

self.MonacoEnvironment = {
  getWorker: () => new Worker(new URL('./editor-worker.ts', import.meta.url), { type: 'module' }),
};
languages.register({ id: LANGUAGE });
languages.setMonarchTokensProvider(LANGUAGE, POLICY_LANGUAGE);
languages.setLanguageConfiguration(LANGUAGE, POLICY_CONFIGURATION);

export function createPolicyEditor(host: HTMLElement, options: PolicyEditorOptions): PolicyEditor {
  const unpaint = keepPainted(host);
  const made = editor.create(host, {
    value: options.value,
    language: LANGUAGE,
    ariaLabel: options.label,
    automaticLayout: true,
    fontFamily: getComputedStyle(host).fontFamily,
    fontSize: 13.5,
    lineHeight: 1.6,
    fontLigatures: false,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    scrollbar: { alwaysConsumeMouseWheel: false, verticalScrollbarSize: 10 },
    overviewRulerLanes: 0,
    hideCursorInOverviewRuler: true,
    overviewRulerBorder: false,
    lineNumbersMinChars: 3,
    lineDecorationsWidth: 8,
    folding: false,
    glyphMargin: false,
    guides: { indentation: false },
    renderLineHighlightOnlyWhenFocus: true,
    padding: { top: 12, bottom: 12 },
    tabSize: 2,
    autoSurround: 'never',
    wordBasedSuggestions: 'off',
    quickSuggestions: false,
    occurrencesHighlight: 'off',
    selectionHighlight: false,
    links: false,
    stickyScroll: { enabled: false },
    contextmenu: false,
    fixedOverflowWidgets: true,
  });
  made.getModel()?.updateOptions({
    bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
  });
  made.onDidChangeModelContent(() => options.onEdit(made.getValue()));
  made.addAction({
    id: 'trisiel.leave',
    label: 'Leave the editor',
    keybindings: [KeyCode.Escape],
    precondition:
      'editorTextFocus && !findWidgetVisible && !editorHasMultipleSelections && !editorHoverVisible',
    run: options.onLeave,
  });
  made.addAction({
    id: 'trisiel.save',
    label: 'Save',
    keybindings: [KeyMod.CtrlCmd | KeyCode.KeyS],
    run: options.onSave,
  });
  return {
    replace(text) {
      if (text !== made.getValue()) made.setValue(text);
    },
    mark: (findings) => markModel(made.getModel(), findings),
    goTo({ line, column }) {
      made.setPosition({ lineNumber: line, column });
      made.revealLineInCenterIfOutsideViewport(line);
      made.focus();
    },
    close() {
      unpaint();
      made.getModel()?.dispose();
      made.dispose();
    },
  };
}

/** Underlines from each place that was found wrong to the end of its line. */
function markModel(model: editor.ITextModel | null, findings: readonly Finding[]): void {
  if (model === null) return;
  const markers = findings.map(({ message, line, column }) => {
    const lineNumber = Math.min(Math.max(line, 1), model.getLineCount());
    const endColumn = model.getLineMaxColumn(lineNumber);
    return {
      message,
      severity: MarkerSeverity.Error,
      startLineNumber: lineNumber,
      endLineNumber: lineNumber,
      startColumn: Math.min(Math.max(column, 1), Math.max(1, endColumn - 1)),
      endColumn,
    };
  });
  editor.setModelMarkers(model, 'policy', markers);
}

/** Keeps the editor's colours those of the page. Returns what ends it. */
function keepPainted(host: HTMLElement): () => void {
  const paint = (): void => {
    const dark = document.documentElement.dataset['theme'] !== 'light';
    editor.defineTheme('trisiel', buildTheme(dark, getComputedStyle(host)));
    editor.setTheme('trisiel');
  };
  paint();
  const watch = new MutationObserver(paint);
  watch.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => watch.disconnect();
}
