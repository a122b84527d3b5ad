/** `/examples/NAME/example.json`: all data of an example. */
import type { APIRoute, GetStaticPaths } from 'astro';
import { getExample, EXAMPLES } from '../../../../facts/examples.ts';

export const getStaticPaths = (() =>
  EXAMPLES.map(({ name }) => ({ params: { name } }))) satisfies GetStaticPaths;

export const GET: APIRoute = ({ params }) => Response.json(getExample(params['name'] ?? ''));
