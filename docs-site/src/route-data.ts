/** Adds the social card to each page's head, and removes the canonical URL of the 404 page. */
import { defineRouteMiddleware } from '@astrojs/starlight/route-data';

/** Sections whose pages share one card. */
const SHARED_CARD = /^(?:server\/(?:api|errors)|command)(?=\/|$)/;

export const onRequest = defineRouteMiddleware((context) => {
  const route = context.locals.starlightRoute;
  if (context.site === undefined) return;
  if (route.id === '404') {
    route.head = route.head.filter(
      ({ attrs }) => attrs?.['rel'] !== 'canonical' && attrs?.['property'] !== 'og:url',
    );
    return;
  }
  const page = route.id === '' ? 'index' : (SHARED_CARD.exec(route.id)?.[0] ?? route.id);
  route.head.push(
    meta('og:image', new URL(`/cards/${page}.png`, context.site).href),
    meta('og:image:width', '1200'),
    meta('og:image:height', '630'),
    meta('og:image:alt', `Trisiel: ${route.entry.data.title}`),
  );
});

function meta(property: string, content: string) {
  return { tag: 'meta' as const, attrs: { property, content }, content: '' };
}
