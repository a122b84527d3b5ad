import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RE2JS } from 're2js';
import { patternSize } from './pattern-size.ts';

describe('the size of an expression', () => {
  it('is that of its expansion, however counts and groups are nested', () => {
    const cases: readonly [expression: string, size: number][] = [
      ['^https://example\\.com/', 21],
      ['x{1000}', 1000],
      ['ab{3}', 4],
      ['(?:ab{2,5}){3}c', 19],
      ['((a{10}){10}){10}', 1000],
      ['(?i)a{2}', 2],
      ['(?P<name>ab){4}', 8],
      ['(?<name>ab){4}', 8],
      ['(?i:ab){4}', 8],
      ['[a-z]{30}', 30],
      ['[]{9}]{2}', 2],
      ['[[:alpha:]{9}]{2}', 2],
      ['[^\\]{9}]{3}', 3],
      ['\\Qa{9}\\E{2}', 5],
      ['\\{9}', 3],
      ['a{,9}', 5],
      ['\\x{263a}{4}', 4],
      ['\\pL{3}', 192],
      ['\\p{Greek}{3}', 192],
      ['a{0}', 1],
      ['a|b*|c+?', 3],
      ['', 0],
    ];
    for (const [expression, size] of cases) {
      assert.equal(patternSize(expression), size, expression);
    }
  });

  it('is at least half the size of RE2’s program, for expressions with repetition', () => {
    for (const expression of [
      'x{500}',
      '(?:ab){300}',
      '(?:a|bc){99,100}',
      '(a{10}){50}',
      '[a-f0-9]{64}',
      '(?i)abc{200}',
      '\\d{100}\\w{100}',
      '(?:\\Qx{2}\\E){40}',
    ]) {
      const program = RE2JS.compile(expression).programSize();
      assert.ok(program <= 2 * patternSize(expression) + 10, `${expression}: ${program}`);
    }
  });
});
