/** The only file of the panel that imports Monaco. Loaded with the policy page. */
import { editor, KeyCode, KeyMod, languages, MarkerSeverity } from 'monaco-editor/editor';
import {
  createPlainEditor,
  goToPosition,
  paintEditors,
} from '../../playground/editor/plain-editor.ts';
import { POLICY_CONFIGURATION, POLICY_LANGUAGE } from './language.ts';

export interface Finding {
  readonly message: string;
  /** 1-based, in UTF-16 code units. */
  readonly line: number;
  readonly column: number;
}

export interface PolicyEditor {
  replace(text: string): void;
  mark(findings: readonly Finding[]): void;
  goTo(position: Pick<Finding, 'line' | 'column'>): void;
  close(): void;
}

export interface PolicyEditorOptions {
  readonly value: string;
  /** Accessible name. */
  readonly label: string;
  readonly onEdit: (text: string) => void;
  /** Called on Escape. */
  readonly onLeave: () => void;
  /** Called on Ctrl+S or Cmd+S. */
  readonly onSave: () => void;
}

const LANGUAGE = 'trisiel-policy';

languages.register({ id: LANGUAGE });
languages.setMonarchTokensProvider(LANGUAGE, POLICY_LANGUAGE);
languages.setLanguageConfiguration(LANGUAGE, POLICY_CONFIGURATION);

export function createPolicyEditor(host: HTMLElement, options: PolicyEditorOptions): PolicyEditor {
  const stopFollowingTheme = followTheme(host);
  const monaco = createPlainEditor(host, {
    value: options.value,
    language: LANGUAGE,
    ariaLabel: options.label,
    contextmenu: false,
    // Automatic closing parentheses would be duplicated when the user types the closing one.
    autoClosingBrackets: 'never',
    onEdit: options.onEdit,
    onLeave: options.onLeave,
  });
  monaco.addAction({
    id: 'trisiel.save',
    label: 'Save',
    keybindings: [KeyMod.CtrlCmd | KeyCode.KeyS],
    run: options.onSave,
  });
  return {
    replace(text) {
      if (text !== monaco.getValue()) monaco.setValue(text);
    },
    mark: (findings) => markModel(monaco.getModel(), findings),
    goTo: (position) => goToPosition(monaco, position),
    close() {
      stopFollowingTheme();
      monaco.getModel()?.dispose();
      monaco.dispose();
    },
  };
}

/** Underlines from the position of each finding to the end of its line. */
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

/** Updates the editor's colours when the page's theme changes. Returns a function that stops it. */
function followTheme(host: HTMLElement): () => void {
  paintEditors(host);
  const watch = new MutationObserver(() => paintEditors(host));
  watch.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => watch.disconnect();
}
