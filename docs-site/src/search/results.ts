/** Renders a found page as a list item: a link to the page, and links to its sections. */
import type { FoundPage } from './pagefind.ts';

export function buildResult({ url, title, excerpt, places }: FoundPage): HTMLLIElement {
  const item = document.createElement('li');
  item.append(buildLink(url, title, places.length === 0 ? excerpt : ''));
  for (const place of places) {
    const link = buildLink(place.url, place.title, place.excerpt);
    link.classList.add('sub');
    item.append(link);
  }
  return item;
}

function buildLink(url: string, title: string, excerpt: string): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = url;
  const heading = document.createElement('strong');
  heading.textContent = title;
  link.append(heading);
  if (excerpt !== '') {
    const text = document.createElement('span');
    // Safe: the index is our own, and it escapes the text of the pages.
    text.innerHTML = excerpt;
    link.append(text);
  }
  return link;
}
