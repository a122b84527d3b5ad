/** Zig for the editor's highlighter (Monarch). */
import type { languages } from 'monaco-editor/editor';
import { words } from './words.ts';

export const ZIG: languages.IMonarchLanguage = {
  defaultToken: '',
  keywords: words(`
    const var fn pub export extern inline noinline comptime return if else while for
    switch break continue defer errdefer try catch orelse and or struct enum union
    error packed align test usingnamespace unreachable threadlocal volatile
    linksection asm callconv opaque nosuspend noalias addrspace allowzero anytype
  `),
  constants: words(`
    true false null undefined
  `),
  types: words(`
    void bool noreturn type anyerror anyopaque comptime_int isize usize
  `),
  tokenizer: {
    root: [
      [/\/\/.*$/, 'comment'],
      [/\\\\.*$/, 'string'],
      [/c?"/, 'string', '@string'],
      [/'(\\.|\\x..|\\u\{[^}]*\}|[^'\\])'/, 'string'],
      [/@[a-zA-Z_]\w*/, 'annotation'],
      [/0[xob][\da-fA-F_.]+/, 'number'],
      [/\d[\d_]*(\.\d[\d_]*)?([eE][+-]?\d+)?/, 'number'],
      [/\b[iu]\d+\b|\bf(16|32|64|80|128)\b/, 'type'],
      [/[A-Z]\w*/, 'type'],
      [/[a-z_]\w*(?=\()/, { cases: { '@keywords': 'keyword', '@default': 'predefined' } }],
      [
        /[a-z_]\w*/,
        {
          cases: {
            '@keywords': 'keyword',
            '@constants': 'number',
            '@types': 'type',
            '@default': 'identifier',
          },
        },
      ],
      [/[{}()[\]]/, '@brackets'],
      [/[=<>!~?:&|+\-*/^%.]+/, 'operator'],
    ],
    string: [
      [/\\(x[\da-fA-F]{2}|u\{[\da-fA-F]+\}|.)/, 'number'],
      [/"/, 'string', '@pop'],
      [/[^\\"]+/, 'string'],
    ],
  },
};

export const ZIG_BRACKETS: languages.LanguageConfiguration = {
  comments: { lineComment: '//' },
  brackets: [
    ['{', '}'],
    ['[', ']'],
    ['(', ')'],
  ],
};
