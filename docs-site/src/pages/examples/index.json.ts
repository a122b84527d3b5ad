/** `/examples/index.json`: what the playground's picker lists. */
import type { APIRoute } from 'astro';
import { EXAMPLES, toEntry } from '../../../facts/examples.ts';

export const GET: APIRoute = () => Response.json(EXAMPLES.map(toEntry));
