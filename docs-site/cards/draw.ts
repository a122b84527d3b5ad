/**
 * Draws social cards: images of 1200 by 630 pixels with a page's title and description. They are drawn without a font
 * engine, so that they look the same on every machine. `glyphs.json` has the outlines of Inter at weight 650, as
 * `[advance, path]` with 1000 units per em.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

export type Card = {
  readonly title: string;
  readonly description: string;
};

type Glyphs = Readonly<Record<string, readonly [advance: number, path: string]>>;

const GLYPHS = JSON.parse(
  readFileSync(join(process.cwd(), 'docs-site/cards/glyphs.json'), 'utf8'),
) as Glyphs;

const WIDTH = 1200;
const HEIGHT = 630;
const MARGIN = 84;
const TEXT_WIDTH = WIDTH - 2 * MARGIN - 120;

const PETAL = 'M32 34C18.500 28.500 17.500 13 32 3.500C46.500 13 45.500 28.500 32 34Z';
const PETALS = [
  ['#f0603a', 0],
  ['#f4b33f', 120],
  ['#7a5af0', 240],
] as const;

/** Returns the card as a PNG of about 50 KB. */
export async function drawCard(card: Card): Promise<Buffer<ArrayBuffer>> {
  // A palette would halve the size, but take five times as long.
  const png = await sharp(Buffer.from(cardSvg(card)))
    .png({ compressionLevel: 6 })
    .toBuffer();
  return Buffer.from(png);
}

export function cardSvg({ title, description }: Card): string {
  const size = title.length > 24 ? 72 : 92;
  const titleLines = wrap(title, size, TEXT_WIDTH).slice(0, 3);
  const textLines = wrap(description, 34, TEXT_WIDTH).slice(0, 3);
  const titleTop = 300 - (titleLines.length - 1) * size * 0.55;
  const textTop = titleTop + titleLines.length * size * 1.1 - size * 0.25;
  const mark = PETALS.map(
    ([fill, angle]) => `<path d="${PETAL}" fill="${fill}" transform="rotate(${angle} 32 36)"/>`,
  ).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#16131e"/>`,
    `<g transform="translate(790 150) scale(9.500)" opacity="0.16">${mark}</g>`,
    `<g transform="translate(${MARGIN - 8} 64) scale(1.150)">${mark}</g>`,
    line('Trisiel', MARGIN + 80, 118, 40, '#efecf5'),
    ...titleLines.map((text, i) => line(text, MARGIN, titleTop + i * size * 1.1, size, '#ffffff')),
    ...textLines.map((text, i) => line(text, MARGIN, textTop + 30 + i * 48, 34, '#c9c4d6')),
    `<rect y="${HEIGHT - 10}" width="400" height="10" fill="#f0603a"/>`,
    `<rect x="400" y="${HEIGHT - 10}" width="400" height="10" fill="#f4b33f"/>`,
    `<rect x="800" y="${HEIGHT - 10}" width="400" height="10" fill="#7a5af0"/>`,
    '</svg>',
  ].join('');
}

/** Added to each advance, in font units: large text looks better with tighter spacing. */
const TRACKING = -18;

function advanceOf(character: string): number {
  return (GLYPHS[character] ?? GLYPHS['?'] ?? [0])[0] + TRACKING;
}

function widthOf(text: string, size: number): number {
  return (Array.from(text).reduce((sum, character) => sum + advanceOf(character), 0) * size) / 1000;
}

/** Breaks a text into lines. A line is wider than `width` pixels only if it is a single word. */
export function wrap(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(/\s+/)) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && widthOf(longer, size) > width) {
      lines.push(current);
      current = word;
    } else current = longer;
  }
  return current === '' ? lines : [...lines, current];
}

function line(text: string, x: number, y: number, size: number, fill: string): string {
  let at = 0;
  const paths = Array.from(text, (character) => {
    const path = (GLYPHS[character] ?? GLYPHS['?'])?.[1] ?? '';
    const drawn = path === '' ? '' : `<path transform="translate(${at} 0)" d="${path}"/>`;
    at += advanceOf(character);
    return drawn;
  });
  return `<g transform="translate(${x} ${y}) scale(${size / 1000})" fill="${fill}">${paths.join('')}</g>`;
}
