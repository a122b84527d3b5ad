/** `/cards/PAGE.png`: the social card of each page. */
import type { APIRoute, GetStaticPaths } from 'astro';
import { getCollection } from 'astro:content';
import { NAMESPACES } from '../../../../olin/index.ts';
import { drawCard, type Card } from '../../../cards/draw.ts';
import { EXAMPLES } from '../../../facts/examples.ts';

export const getStaticPaths = (async () => {
  const pages = new Map<string, Card>();
  for (const { id, data } of await getCollection('docs')) {
    const title = data.hero?.title?.replaceAll('<br>', ' ') ?? data.title;
    pages.set(id, { title, description: data.description ?? '' });
  }
  pages.set('examples', {
    title: 'Examples',
    description: `${EXAMPLES.length} small programs that run in the page.`,
  });
  for (const { name, title, summary } of EXAMPLES) {
    pages.set(`examples/${name}`, { title, description: summary });
  }
  pages.set('reference', {
    title: 'Olin reference',
    description: 'Every system call of the runtime.',
  });
  for (const { name, doc } of NAMESPACES) {
    pages.set(`reference/${name}`, {
      title: `Olin: ${name}`,
      description: doc.replaceAll('`', ''),
    });
  }
  pages.set('server/api', {
    title: 'HTTP API',
    description: 'Every endpoint of the server.',
  });
  pages.set('server/errors', {
    title: 'Errors of the API',
    description: 'Every kind of problem, its status, and what to do.',
  });
  pages.set('playground', {
    title: 'Playground',
    description: 'Write, compile and run a WebAssembly function in the page.',
  });
  return [...pages].map(([page, card]) => ({ params: { page }, props: card }));
}) satisfies GetStaticPaths;

export const GET: APIRoute<Card> = async ({ props }) =>
  new Response(await drawCard(props), { headers: { 'Content-Type': 'image/png' } });
