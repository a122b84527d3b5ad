/** `/reference/live/NAME.wasm`: the module of a live snippet. */
import type { APIRoute, GetStaticPaths } from 'astro';
import { LIVE_SNIPPETS } from '../../../../snippets/live-snippets.ts';

export const getStaticPaths = (() =>
  Array.from(LIVE_SNIPPETS.keys(), (name) => ({ params: { name } }))) satisfies GetStaticPaths;

export const GET: APIRoute = ({ params }) =>
  new Response(LIVE_SNIPPETS.get(params['name'] ?? '')?.module, {
    headers: { 'Content-Type': 'application/wasm' },
  });
