/** Syntax highlighting and brackets of policy files. The documentation page /olin/policy/ describes the format. */
import type { languages } from 'monaco-editor/editor';

export const POLICY_LANGUAGE: languages.IMonarchLanguage = {
  defaultToken: '',
  tokenizer: {
    root: [
      { include: '@comments' },
      [/^\s*(?:allow|disallow)(?=\s*\()/, { token: 'keyword', next: '@list' }],
      [/^\s*(?:allow|disallow)\b/, { token: 'keyword', next: '@expression' }],
      [/^\s*(?:ram-page-limit|gas-limit)\b/, 'keyword'],
      [/\d+/, 'number'],
    ],
    list: [
      { include: '@comments' },
      [/\(\s*$/, 'delimiter'],
      [/^\s*\)/, { token: 'delimiter', next: '@pop' }],
      { include: '@url' },
    ],
    expression: [{ include: '@comments' }, [/$/, { token: '', next: '@pop' }], { include: '@url' }],
    comments: [[/(?:^|\s)##.*$/, 'comment']],
    url: [
      [/\\./, 'number'],
      [/[\^$.*+?|()[\]{}]/, 'operator'],
      [/[^\s\\^$.*+?|()[\]{}#]+|#/, 'string'],
    ],
  },
};

export const POLICY_CONFIGURATION: languages.LanguageConfiguration = {
  comments: { lineComment: '##' },
  brackets: [
    ['(', ')'],
    ['[', ']'],
  ],
  indentationRules: {
    increaseIndentPattern: /^\s*(?:allow|disallow)\s*\(\s*(?:##.*)?$/,
    decreaseIndentPattern: /^\s*\)/,
  },
};
