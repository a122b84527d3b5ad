/** The editor's own worker, off the page's thread. */
import 'monaco-editor/editor/editor.worker';
