// A handler. The top level runs once, when it is built; each request starts from there and calls fetch().
export default {
  async fetch(request) {
    // The path is what follows the handler's name.
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== '/') {
      return new Response(`There is nothing at ${pathname}.\n`, { status: 404 });
    }
    if (request.method === 'POST') return greet((await request.text()).trim());
    // The query: the name of /?name=Ada, decoded.
    return greet(searchParams.get('name') ?? 'world');
  },
};

function greet(name) {
  return new Response(`Hello, ${name}!\n`);
}
