// A handler. The top-level code runs once, at build time. Each request starts from that state and calls fetch().
import type { Handler } from 'trisiel';

const handler: Handler = {
  async fetch(request) {
    // The path is the part of the URL after the handler's name.
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== '/') {
      return new Response(`There is nothing at ${pathname}.\n`, { status: 404 });
    }
    if (request.method === 'POST') return greet((await request.text()).trim());
    // The decoded query parameter: Ada in /?name=Ada.
    return greet(searchParams.get('name') ?? 'world');
  },
};

function greet(name: string): Response {
  return new Response(`Hello, ${name}!\n`);
}

export default handler;
