/** Monaco theme of the playground and the panel: the colours of the static code on the site's background. */
import type { editor } from 'monaco-editor/editor';

/** Night Owl, like the static code; comments and numbers have more contrast than in the original. */
const DARK = {
  comment: '7b93a8',
  keyword: 'c792ea',
  string: 'ecc48d',
  number: 'f78c6c',
  type: 'ffcb8b',
  function: '82aaff',
  variable: 'd6deeb',
  operator: '7fdbca',
};
const LIGHT: typeof DARK = {
  comment: '5f6678',
  keyword: '8844ae',
  string: '984e4d',
  number: 'aa0982',
  type: '111111',
  function: '3b61b0',
  variable: '403f53',
  operator: '096e72',
};

/** `style` is the computed style of the element that contains the editor. */
export function buildTheme(dark: boolean, style: CSSStyleDeclaration): editor.IStandaloneThemeData {
  const colors = dark ? DARK : LIGHT;
  const background = toHex(style.backgroundColor) ?? (dark ? '#1c1926' : '#fbf9fc');
  const accent = toHex(style.accentColor) ?? (dark ? '#ff9875' : '#b83812');
  return {
    base: dark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: 'comment', foreground: colors.comment, fontStyle: 'italic' },
      { token: 'keyword', foreground: colors.keyword },
      { token: 'string', foreground: colors.string },
      { token: 'number', foreground: colors.number },
      { token: 'type', foreground: colors.type },
      { token: 'predefined', foreground: colors.function },
      { token: 'variable', foreground: colors.variable },
      { token: 'identifier', foreground: colors.variable },
      { token: 'delimiter', foreground: colors.operator },
      { token: 'operator', foreground: colors.operator },
      { token: 'annotation', foreground: colors.function },
    ],
    colors: {
      'editor.background': background,
      'editor.foreground': `#${colors.variable}`,
      'editorGutter.background': background,
      'editorLineNumber.foreground': dark ? '#938ca6' : '#756d87',
      'editorLineNumber.activeForeground': dark ? '#c9c4d6' : '#433c54',
      'editorCursor.foreground': accent,
      'editor.lineHighlightBackground': dark ? '#ffffff08' : '#0000000a',
      'editor.lineHighlightBorder': '#00000000',
      'editor.selectionBackground': `${accent}40`,
      'editorWidget.background': background,
      'editorHoverWidget.background': background,
      focusBorder: '#00000000',
    },
  };
}

/** Converts `rgb(28, 25, 38)` to `#1c1926`. Returns undefined for any other notation, including transparent colours. */
function toHex(color: string): string | undefined {
  const [, red, green, blue] = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(color) ?? [];
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  return `#${[red, green, blue].map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
}
