/** Sentences about the guest languages, from their table. */
import { isCompiledInPage, LANGUAGES } from '../../sdk/languages.ts';

/** `AssemblyScript and WebAssembly text` */
export const PAGE_LANGUAGES = new Intl.ListFormat('en').format(
  LANGUAGES.filter(({ id }) => isCompiledInPage(id)).map(({ title }) => title),
);
