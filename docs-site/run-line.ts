/** The line that runs an example in a terminal, from the root of the repository. */
import type { ExampleData } from '../playground/data.ts';
import { quoteShell } from '../playground/invoke.ts';

export function runLine({ name, input }: Pick<ExampleData, 'name' | 'input'>): string {
  const words = ['npm run olin --'];
  for (const [key, value] of Object.entries(input.env ?? {})) {
    words.push(`--env ${quoteShell(`${key}=${value}`)}`);
  }
  const { request } = input;
  if (request !== undefined) words.push(`--cgi ${quoteShell(`${request.method} ${request.path}`)}`);
  words.push(`examples/${name}/module.wasm`);
  words.push(...(input.args ?? []).map(quoteShell));
  const line = words.join(' ');
  const stdin = request?.body ?? input.stdin;
  return stdin === undefined || stdin === '' ? line : `printf %s ${quoteShell(stdin)} | ${line}`;
}
