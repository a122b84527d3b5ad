// A handler in TypeScript. The top level runs once, when the module is built: what it computes is in the module.
// Each request starts from there, in a fresh copy of its memory, and calls fetch().
const greetings = new Map([
  ['de', 'Hallo'],
  ['en', 'Hello'],
  ['fr', 'Bonjour'],
]);

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const name = searchParams.get('name') ?? 'world';
    const greeting = greetings.get(searchParams.get('lang') ?? 'en') ?? 'Hello';
    return new Response(`${greeting}, ${name}!\n`);
  },
};
