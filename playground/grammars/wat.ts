/** WebAssembly's text format for the editor's highlighter (Monarch). */
import type { languages } from 'monaco-editor/editor';
import { words } from './words.ts';

export const WAT: languages.IMonarchLanguage = {
  defaultToken: '',
  keywords: words(`
    module func param result local type import export memory data table elem global
    mut start offset item declare rec struct array field sub final tag then do catch
    catch_all ref
  `),
  control: words(`
    block loop if else end br br_if br_table return call call_indirect return_call
    return_call_indirect call_ref unreachable nop drop select try throw rethrow
    try_table throw_ref delegate
  `),
  types: words(`
    i32 i64 f32 f64 v128 funcref externref anyref i8 i16
  `),
  tokenizer: {
    root: [
      [/;;.*$/, 'comment'],
      [/\(;/, 'comment', '@comment'],
      [/"/, 'string', '@string'],
      [/\$[\w!#$%&'*+\-./:<=>?@\\^`|~]+/, 'variable'],
      [/[+-]?0x[\da-fA-F][\da-fA-F_.]*(p[+-]?\d+)?/, 'number'],
      [/[+-]?\d[\d_]*(\.[\d_]*)?([eE][+-]?\d+)?/, 'number'],
      [/(offset|align)(=)/, ['keyword', 'operator']],
      [/(i32|i64|f32|f64|v128|i8x16|i16x8|i32x4|i64x2|f32x4|f64x2)(?=\.)/, 'type'],
      [/\.(?=[a-z])/, 'delimiter'],
      [
        /(local|global|memory|table|ref|struct|array|data|elem)(\.)([a-z_0-9.]+)/,
        ['type', 'delimiter', 'predefined'],
      ],
      [
        /[a-z][\w.]*/,
        {
          cases: {
            '@control': 'keyword',
            '@keywords': 'keyword',
            '@types': 'type',
            '@default': 'predefined',
          },
        },
      ],
      [/[()]/, '@brackets'],
    ],
    comment: [
      [/\(;/, 'comment', '@push'],
      [/;\)/, 'comment', '@pop'],
      [/./, 'comment'],
    ],
    string: [
      [/\\([tnr"'\\]|[\da-fA-F]{2}|u\{[\da-fA-F]+\})/, 'number'],
      [/"/, 'string', '@pop'],
      [/[^\\"]+/, 'string'],
      [/\\/, 'string'],
    ],
  },
};

export const WAT_BRACKETS: languages.LanguageConfiguration = {
  comments: { lineComment: ';;', blockComment: ['(;', ';)'] },
  brackets: [['(', ')']],
};
