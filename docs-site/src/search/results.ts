/** A found page as a list item: a link to it, and links to the places on it. */
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
    // From our own index, which escapes the text of the pages and adds marks.
    text.innerHTML = excerpt;
    link.append(text);
  }
  return link;
}
