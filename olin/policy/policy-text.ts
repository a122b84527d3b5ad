/** Parses the text of a policy file, with errors that say what to do. */
import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { InputError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { patternSize } from './pattern-size.ts';
import type { PolicyRule } from './policy.ts';

/** Limits on the contents of a policy. */
export const POLICY_BOUNDS = {
  /** Characters of the whole file. */
  textLength: 65_536,
  /** Expressions in all lists together. */
  expressions: 256,
  /** Characters of one expression. */
  expressionLength: 512,
  /** RE2 instructions over all expressions: limits the memory and time of a match. */
  programSize: 2048,
  /**
   * Characters and classes over all expressions, after expansion of counts; checked before RE2 compiles anything, since
   * it expands first. Larger than `programSize`, because RE2 merges similar parts.
   */
  expandedSize: 16_384,
  /** Characters of a URL; a longer one is denied without matching. */
  urlLength: 8192,
  /**
   * Characters of a URL times RE2 instructions; a URL that exceeds it is denied. RE2 takes up to 15 ns for each, and
   * blocks the thread.
   */
  matchingSteps: 1 << 20,
} as const;

const NUMBERS: Readonly<Record<string, { min: number; max: number; unit: string }>> = {
  'ram-page-limit': { min: 1, max: 65_536, unit: 'pages of 64 KiB' },
  'gas-limit': { min: 1, max: Number.MAX_SAFE_INTEGER, unit: 'instructions' },
};
const DIRECTIVES = ['allow', 'disallow', ...Object.keys(NUMBERS)];

interface PolicyPosition {
  readonly line: number;
  readonly column: number;
}

interface Statements {
  readonly allow: PolicyRule[] | null;
  readonly disallow: PolicyRule[];
  readonly numbers: ReadonlyMap<string, number>;
  /** Instructions of the RE2 programs of all expressions. */
  readonly programSize: number;
}

function fail(at: PolicyPosition, message: string): never {
  throw new InputError('bad-policy', `Line ${at.line}, column ${at.column}: ${message}`, at);
}

function failAsTooLarge(expression: string, at: PolicyPosition): never {
  fail(
    at,
    `the expressions are too large to match quickly. Use smaller counts than in ${quote(expression)}.`,
  );
}

/** Formats text for a message: shortened, on one line. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}

/** Checks one expression and returns the size of its program. `at` is the position of its first character. */
export function compileExpression(expression: string, at: PolicyPosition): number {
  if (expression.length > POLICY_BOUNDS.expressionLength) {
    fail(
      at,
      `the expression has ${expression.length} characters; the limit is ${POLICY_BOUNDS.expressionLength}. Split it into several.`,
    );
  }
  try {
    return RE2JS.compile(expression).programSize();
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const syntax = error instanceof RE2JSSyntaxException ? error : undefined;
    const part = syntax?.getPattern() ?? null;
    const first = part === null ? 0 : expression.indexOf(part);
    // RE2 reports the faulty text, not its position; if it occurs twice, the error points at the whole expression.
    const offset = part === null || first !== expression.lastIndexOf(part) ? 0 : Math.max(0, first);
    const reason = (syntax?.getDescription() ?? error.message).replace(
      /^error parsing regexp: /,
      '',
    );
    const where = part === null || part === expression ? '' : ` at ${quote(part)}`;
    fail(
      { line: at.line, column: at.column + offset },
      `${quote(expression)} is not an RE2 expression: ${reason}${where}. Put a backslash before a character that stands for itself.`,
    );
  }
}

/** Reads the statements of one file. */
class StatementReader {
  allow: PolicyRule[] | null = null;
  readonly disallow: PolicyRule[] = [];
  readonly numbers = new Map<string, number>();
  /** The open list, and the position of its opening. */
  #open: { name: string; at: PolicyPosition } | undefined;
  programSize = 0;
  #count = 0;
  #expandedSize = 0;

  readLine(line: number, raw: string): void {
    const comment = /(?:^|\s)##/.exec(raw);
    const text = comment === null ? raw : raw.slice(0, comment.index);
    const content = text.trim();
    if (content === '') return;
    const column = text.length - text.trimStart().length + 1;
    const at = { line, column };
    if (/^#(?:\s|$)/.test(content)) {
      fail(at, 'a comment begins with two hashes. Write "##" in place of "#".');
    }
    if (this.#open !== undefined) {
      if (content === ')') this.#open = undefined;
      else this.#addRule(this.#open.name, content, at);
      return;
    }
    const name = /^[^\s(]+/.exec(content)?.[0] ?? '';
    const rest = content.slice(name.length).trimStart();
    this.#readStatement(name, rest, at, { line, column: column + content.length - rest.length });
  }

  #readStatement(name: string, rest: string, at: PolicyPosition, restAt: PolicyPosition): void {
    const bounds = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
    if (bounds !== undefined) {
      this.#addNumber(name, rest, bounds, at, restAt);
      return;
    }
    if (name === 'allow' || name === 'disallow') {
      if (name === 'allow') this.allow ??= [];
      if (rest === '') {
        fail(
          at,
          `"${name}" has no expressions. Write "${name} (", one expression per line, and ")".`,
        );
      }
      if (rest === '(') this.#open = { name, at };
      else this.#addRule(name, rest, restAt);
      return;
    }
    if (name === ')' || name === '') {
      fail(
        at,
        `${quote(rest === '' ? name : rest)} does not open or close a list. Write "allow (" or "disallow (" first.`,
      );
    }
    const near = nearest(name, DIRECTIVES);
    const meant = near === undefined ? '' : ` Did you mean "${near}"?`;
    fail(
      at,
      `${quote(name)} is not a directive; the directives are ${DIRECTIVES.join(', ')}.${meant}`,
    );
  }

  #addNumber(
    name: string,
    rest: string,
    bounds: { min: number; max: number; unit: string },
    at: PolicyPosition,
    restAt: PolicyPosition,
  ): void {
    const range = `a whole number from ${bounds.min} to ${bounds.max}, such as "${name} ${name === 'gas-limit' ? 33_554_432 : 128}"`;
    if (rest === '') fail(at, `"${name}" needs a number. Write ${range}.`);
    if (!/^\d{1,20}$/.test(rest)) {
      fail(restAt, `${quote(rest)} is not a whole number. Write ${range}.`);
    }
    const value = Number(rest);
    if (value < bounds.min || value > bounds.max) {
      fail(restAt, `${rest} ${bounds.unit} is out of range. Write ${range}.`);
    }
    if (this.numbers.has(name)) fail(at, `"${name}" is set twice. Keep one of the two lines.`);
    this.numbers.set(name, value);
  }

  #addRule(name: string, expression: string, at: PolicyPosition): void {
    const space = expression.search(/\s/);
    if (space !== -1) {
      const hint =
        expression.startsWith('(') || expression.endsWith(')')
          ? `To list several, end the line after "${name} (" and put ")" on a line of its own.`
          : 'Put each expression on a line of its own; for a space in a URL write "\\x20".';
      fail(
        { line: at.line, column: at.column + space },
        `an expression cannot contain white space. ${hint}`,
      );
    }
    this.#count += 1;
    if (this.#count > POLICY_BOUNDS.expressions) {
      fail(
        at,
        `a policy can have at most ${POLICY_BOUNDS.expressions} expressions. Join some with "|".`,
      );
    }
    this.#expandedSize += patternSize(expression);
    if (this.#expandedSize > POLICY_BOUNDS.expandedSize) failAsTooLarge(expression, at);
    this.programSize += compileExpression(expression, at);
    if (this.programSize > POLICY_BOUNDS.programSize) failAsTooLarge(expression, at);
    const rules = name === 'allow' ? (this.allow ??= []) : this.disallow;
    rules.push(Object.freeze({ expression, line: at.line }));
  }

  end(): Statements {
    if (this.#open !== undefined) {
      fail(
        this.#open.at,
        `the "${this.#open.name}" list is not closed. Put ")" on a line of its own after it.`,
      );
    }
    return this;
  }
}

/** Reads the statements of a policy file. Throws an InputError `bad-policy`. */
export function parseStatements(text: string): Statements {
  if (text.length > POLICY_BOUNDS.textLength) {
    fail(
      { line: 1, column: 1 },
      `the policy has ${text.length} characters; the limit is ${POLICY_BOUNDS.textLength}. Shorten it.`,
    );
  }
  const reader = new StatementReader();
  for (const [at, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    reader.readLine(at + 1, line);
  }
  return reader.end();
}
