import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardSvg, drawCard, wrap } from './draw.ts';

test('a card is a PNG of the size that social networks require', async () => {
  const png = await drawCard({ title: 'Hello', description: 'The smallest program.' });
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1200, 630]);
});

test('a long title is wrapped between words and stays on the card', () => {
  const lines = wrap('Arguments and environment of a program that runs', 72, 900);
  assert.ok(lines.length > 1);
  assert.equal(lines.join(' '), 'Arguments and environment of a program that runs');
});

test('a character without an outline is drawn as a question mark instead of being omitted', () => {
  const [unknown, mark] = ['語', '?'].map((title) => cardSvg({ title, description: '' }));
  assert.equal(unknown, mark);
});
