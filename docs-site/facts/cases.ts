/** Describes the cases of an example as rows of label and value. */
import type { Case, ExampleInput } from '../../examples/types.ts';
import { formatCount } from '../../olin/quantities.ts';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

const MAX_CHARACTERS = 72;

export function describeInput(input: ExampleInput): Fact[] {
  const facts: Fact[] = [];
  const add = adder(facts);
  if (input.request !== undefined) {
    const { method, path, headers, body } = input.request;
    add('', `${method} ${path}`);
    for (const [name, value] of Object.entries(headers ?? {})) add('header', `${name}: ${value}`);
    if (body !== undefined && body !== '') add('body', body);
  }
  if (input.args !== undefined && input.args.length > 0) add('arguments', input.args.join(' '));
  for (const [name, value] of Object.entries(input.env ?? {})) add('', `${name}=${value}`);
  if (input.stdin !== undefined && input.stdin !== '') add('standard input', input.stdin);
  if (input.policy !== undefined) add('policy', input.policy);
  if (facts.length === 0) add('', '');
  return facts;
}

export function describeExpectations(expect: Case['expect']): Fact[] {
  const facts: Fact[] = [];
  const add = adder(facts);
  if (expect.status !== undefined) add('status', String(expect.status));
  if (expect.exit !== undefined && expect.status === undefined) add('exit', String(expect.exit));
  if (expect.trap !== undefined) add('stopped:', expect.trap.message ?? expect.trap.code);
  for (const [name, value] of Object.entries(expect.headers ?? {}))
    add('header', `${name}: ${value}`);
  if (expect.output !== undefined) add('output', expect.output);
  if (expect.outputMatches !== undefined) add('output like', expect.outputMatches);
  if (expect.outputDigest !== undefined) add('SHA-256', `${expect.outputDigest.slice(0, 16)}…`);
  if (expect.errorOutput !== undefined) add('standard error', expect.errorOutput);
  for (const [level, text] of expect.log ?? []) add(`log ${level}`, text);
  for (const url of expect.urls ?? []) add('opens', url);
  if (expect.gas !== undefined) add('gas', formatCount(expect.gas));
  return facts;
}

function adder(facts: Fact[]): (label: string, value: string) => void {
  return (label, value) => {
    facts.push({ label, value: value === '' ? 'nothing' : shorten(value) });
  };
}

/** Formats a text as one line: line ends are escaped, and a long text is cut. */
function shorten(text: string): string {
  const line = text.replaceAll('\r', String.raw`\r`).replaceAll('\n', String.raw`\n`);
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS - 1)}…` : line;
}
