/** `/examples/NAME/module.wasm`: the built module. */
import type { APIRoute, GetStaticPaths } from 'astro';
import { EXAMPLES, readModule } from '../../../../facts/examples.ts';

export const getStaticPaths = (() =>
  EXAMPLES.map(({ name }) => ({ params: { name } }))) satisfies GetStaticPaths;

export const GET: APIRoute = ({ params }) =>
  new Response(readModule(params['name'] ?? ''), {
    headers: { 'Content-Type': 'application/wasm' },
  });
