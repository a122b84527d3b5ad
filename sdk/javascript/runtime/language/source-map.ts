/** Converts positions in the bundle to positions in the author's sources (ECMA-426, source maps). */

interface Segment {
  readonly column: number;
  readonly source: number;
  readonly sourceLine: number;
  readonly sourceColumn: number;
}

interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/** The names of the bundle and of this layer in stacks. */
const BUNDLE = 'handler.js';
const OWN = 'trisiel:';
const FRAME = /\(?([^\s()]+):(\d+):(\d+)\)?$/;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

let map: SourceMap | undefined;
/** Decoded at the first error, because it is rarely needed. */
let lines: Segment[][] | undefined;

/** @param json empty: positions are not changed */
export function setSourceMap(json: string): void {
  map = json === '' ? undefined : (JSON.parse(json) as SourceMap);
}

/** Rewrites the frames of a stack. Frames of this layer are omitted. */
export function mapStack(stack: string): string {
  return stack
    .split('\n')
    .flatMap((line) => {
      const frame = FRAME.exec(line.trim());
      if (frame === null) return line.trim() === '' || line.includes('(native)') ? [] : [line];
      const [whole, file = '', row = '', column = ''] = frame;
      if (file.startsWith(OWN)) return [];
      const place = file === BUNDLE ? find(Number(row), Number(column)) : undefined;
      const shown = place ?? `${file}:${row}:${column}`;
      return [line.replace(whole, whole.startsWith('(') ? `(${shown})` : shown)];
    })
    .join('\n');
}

/** @param row 1-based, like the column and the result */
function find(row: number, column: number): string | undefined {
  if (map === undefined) return undefined;
  lines ??= decode(map.mappings);
  const segments = lines[row - 1] ?? [];
  const found = segments.findLast((segment) => segment.column <= column - 1) ?? segments[0];
  if (found === undefined) return undefined;
  return `${map.sources[found.source]}:${found.sourceLine + 1}:${found.sourceColumn + 1}`;
}

function decode(mappings: string): Segment[][] {
  let [source, sourceLine, sourceColumn] = [0, 0, 0];
  return mappings.split(';').map((line) => {
    let column = 0;
    return line.split(',').flatMap((text) => {
      const [a = 0, b, c = 0, d = 0] = decodeNumbers(text);
      column += a;
      if (b === undefined) return [];
      source += b;
      sourceLine += c;
      sourceColumn += d;
      return [{ column, source, sourceLine, sourceColumn }];
    });
  });
}

/** Decodes Base64 VLQ: five bits per digit, lowest first; the lowest bit is the sign. */
function decodeNumbers(text: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of text) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}
