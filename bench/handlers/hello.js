export default {
  async fetch() {
    return new Response('Hello from handler 0000!\n');
  },
};
