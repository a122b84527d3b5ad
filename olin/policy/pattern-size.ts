/** Computes the expanded size of an RE2 expression from its text: RE2 expands `x{1000}` to a thousand copies. */

/**
 * Size of a Unicode class. It has hundreds of ranges: RE2 takes up to 0.3 ms to compile one, but 5 µs for a character.
 */
const UNICODE_CLASS = 64;

interface Sequence {
  /** Size of everything before the last item. */
  size: number;
  /** Size of the last item, which a count multiplies. */
  last: number;
}

/**
 * In order: literal text, a Unicode class, an escape, a class in brackets, a count, the start of a group, any other
 * character.
 */
const ITEM =
  /\\Q([^]*?)(?:\\E|$)|(\\[pP](?:\{[^}]*\}|.?))|\\(?:x\{[^}]*\}|[^])?|(\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]?)|\{(\d+)(?:(,)(\d*))?\}|(\((?:\?[^:()<]*(?:<[^>]*>|:|(?=\))))?)|[^]/gu;

/**
 * Returns the number of characters and classes of an expression after expansion. The result is meaningless if RE2
 * rejects the expression.
 */
export function patternSize(expression: string): number {
  const outer: Sequence[] = [];
  let inner: Sequence = { size: 0, last: 0 };
  const add = (size: number): void => {
    inner.size += inner.last;
    inner.last = size;
  };
  for (const item of expression.matchAll(ITEM)) {
    const [all, literal, unicode, brackets, least, comma, most, group] = item;
    if (literal !== undefined) for (const _ of literal) add(1);
    else if (unicode !== undefined) add(UNICODE_CLASS);
    else if (brackets !== undefined) add(bracketsSize(brackets));
    else if (least !== undefined) inner.last *= copies(least, comma, most);
    else if (group !== undefined) {
      outer.push(inner);
      inner = { size: 0, last: 0 };
    } else if (all === ')') {
      const { size, last } = inner;
      inner = outer.pop() ?? { size: 0, last: 0 };
      add(size + last);
    } else if (!'*+?|'.includes(all)) add(1);
  }
  // A group that is not closed is refused by RE2.
  return [...outer, inner].reduce((sum, { size, last }) => sum + size + last, 0);
}

function bracketsSize(brackets: string): number {
  const classes = brackets.match(/\\[pP]/g)?.length ?? 0;
  return 1 + classes * UNICODE_CLASS;
}

/** Returns the number of copies for `{least}`, `{least,}` and `{least,most}`. */
function copies(least: string, comma: string | undefined, most: string | undefined): number {
  if (comma === undefined || most === undefined || most === '') return Math.max(1, Number(least));
  return Math.max(1, Number(least), Number(most));
}
