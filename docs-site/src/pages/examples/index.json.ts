/** `/examples/index.json`: the list for the playground's picker. */
import type { APIRoute } from 'astro';
import { EXAMPLES, toEntry } from '../../../facts/examples.ts';

export const GET: APIRoute = () => Response.json(EXAMPLES.map(toEntry));
