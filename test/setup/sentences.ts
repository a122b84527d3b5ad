/** Checks that the page about a problem shows each sentence that a server sends in a test. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const listed: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../docs-site/sentences.json'), 'utf8'),
);
const patterns = new Map<string, RegExp>();

/** @param body of a response; anything but a problem with a code passes */
export function assertSentenceIsListed(body: unknown): void {
  if (typeof body !== 'object' || body === null || !('code' in body) || !('detail' in body)) return;
  const { code, detail } = body;
  if (typeof code !== 'string' || typeof detail !== 'string') return;
  assert.match(detail, patternOf(code), `the page on ${code} does not show this sentence`);
}

function patternOf(code: string): RegExp {
  const known = patterns.get(code);
  if (known !== undefined) return known;
  const forms =
    listed[code] ?? assert.fail(`no sentences of ${code}; run node scripts/generate/sentences.ts`);
  const pattern = new RegExp(`^(${forms.map(toPattern).join('|')})$`);
  patterns.set(code, pattern);
  return pattern;
}

/** Inserted values are written as `…`. */
function toPattern(form: string): string {
  return form.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('…', '[^]*?');
}
