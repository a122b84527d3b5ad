/** Formats the command that runs an example in a terminal, in the root of the repository. */
import { fillOrigin, type ExampleData } from '../../playground/page/data.ts';
import { quoteShell } from '../../playground/inputs/invoke.ts';

/** Origin of the site under `npm start`, which replaces `{origin}` in inputs. */
export const WEB_ORIGIN = 'http://localhost:4000';

/** Returns the name of the file from which the command reads the example's policy. */
export function policyFile(name: string): string {
  return `${name}.policy`;
}

export function runLine(data: Pick<ExampleData, 'name' | 'input'>): string {
  const { name } = data;
  const { request, args = [], env = {}, stdin, policy } = fillOrigin(data.input, WEB_ORIGIN);
  const options: string[] = [];
  if (policy !== undefined) options.push(`--policy ${policyFile(name)}`);
  for (const [key, value] of Object.entries(env))
    options.push(`--env ${quoteShell(`${key}=${value}`)}`);
  if (request !== undefined) {
    options.push(`--cgi ${quoteShell(`${request.method} ${request.path}`)}`);
    for (const [key, value] of Object.entries(request.headers ?? {})) {
      options.push(`--header ${quoteShell(`${key}: ${value}`)}`);
    }
    if (request.body !== undefined) options.push(`--body ${quoteShell(request.body)}`);
  }
  const words = ['npm run olin --', ...options, `examples/${name}/module.wasm`];
  // Without `--`, an argument that begins with a dash would be an option of the command.
  if (args.some((arg) => arg.startsWith('-'))) words.push('--');
  words.push(...args.map(quoteShell));
  const line = words.join(' ');
  return stdin === undefined || stdin === '' ? line : `printf %s ${quoteShell(stdin)} | ${line}`;
}
