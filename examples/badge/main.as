// A badge like those on project pages, drawn as SVG from the query: /?label=build&value=passing&colour=2a7
import { Request, Response, escapeHtml } from 'olin';

const HEIGHT = 24;
/** Approximate width of a letter of the 12-pixel font. */
const LETTER = 7;
const MARGIN = 16;

const request = new Request();
const label = request.queryOr('label', 'runs on');
const value = request.queryOr('value', 'olin');
const left = label.length * LETTER + MARGIN;
const right = value.length * LETTER + MARGIN;

let colour = request.queryOr('colour', '2a7');
if (!isColour(colour)) colour = 'c33';

// The text comes from the caller, so it is escaped.
const title = escapeHtml(label + ': ' + value);

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="${HEIGHT}" role="img" aria-label="${title}">
<title>${title}</title>
<rect width="${left + right}" height="${HEIGHT}" rx="4" fill="#445"/>
<path d="M${left} 0h${right - 4}a4 4 0 0 1 4 4v${HEIGHT - 8}a4 4 0 0 1-4 4h-${right - 4}z" fill="#${colour}"/>
<g fill="#fff" font-family="Verdana,sans-serif" font-size="12" text-anchor="middle">
<text x="${left / 2}" y="16">${escapeHtml(label)}</text>
<text x="${left + right / 2}" y="16">${escapeHtml(value)}</text>
</g>
</svg>
`;

// Clients and proxies may cache a badge for five minutes.
new Response(200).header('Cache-Control', 'max-age=300').send('image/svg+xml', svg);

/** Three or six hexadecimal digits. */
function isColour(text: string): bool {
  if (text.length != 3 && text.length != 6) return false;
  for (let i = 0; i < text.length; i++) {
    if ('0123456789abcdefABCDEF'.indexOf(text.charAt(i)) < 0) return false;
  }
  return true;
}
