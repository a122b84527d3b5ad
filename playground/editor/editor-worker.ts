/** Monaco's worker. */
import 'monaco-editor/editor/editor.worker';
