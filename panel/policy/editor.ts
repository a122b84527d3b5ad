/** The only file of the panel that knows Monaco. Loaded when the policy page is. */
import { editor, KeyCode, KeyMod, languages, MarkerSeverity } from 'monaco-editor/editor';
import {
  createPlainEditor,
  goToPosition,
  paintEditors,
} from '../../playground/editor/plain-editor.ts';
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
  goTo(place: Pick<Finding, 'line' | 'column'>): void;
  close(): void;
}

export interface PolicyEditorOptions {
  readonly value: string;
  /** For a screen reader. */
  readonly label: string;
  readonly onEdit: (text: string) => void;
  /** Escape. */
  readonly onLeave: () => void;
  /** Ctrl or Cmd and S. */
  readonly onSave: () => void;
}

const LANGUAGE = 'trisiel-policy';

languages.register({ id: LANGUAGE });
languages.setMonarchTokensProvider(LANGUAGE, POLICY_LANGUAGE);
languages.setLanguageConfiguration(LANGUAGE, POLICY_CONFIGURATION);

export function createPolicyEditor(host: HTMLElement, options: PolicyEditorOptions): PolicyEditor {
  const unpaint = keepPainted(host);
  const made = createPlainEditor(host, {
    value: options.value,
    language: LANGUAGE,
    ariaLabel: options.label,
    contextmenu: false,
    // A parenthesis that closes by itself is one too many for whoever writes the list down to its end.
    autoClosingBrackets: 'never',
    onEdit: options.onEdit,
    onLeave: options.onLeave,
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
    goTo: (place) => goToPosition(made, place),
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
  paintEditors(host);
  const watch = new MutationObserver(() => paintEditors(host));
  watch.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => watch.disconnect();
}
