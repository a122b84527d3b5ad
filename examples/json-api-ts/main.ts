// A JSON API: routes, validation, a request to another server, a template, and a 404.
interface Note {
  readonly title: string;
  readonly stars: number;
}

type Env = Readonly<Record<string, string | undefined>>;
type Route = (request: Request, url: URL, env: Env) => Response | Promise<Response>;

const routes: Readonly<Record<string, Route>> = {
  'POST /notes': async (request) => {
    const problems: string[] = [];
    const note = checkNote(await request.json().catch(() => undefined), problems);
    if (note === undefined) return Response.json({ problems }, { status: 422 });
    return Response.json({ ...note, shown: '★'.repeat(note.stars) }, { status: 201 });
  },
  'GET /greeting': async (_request, _url, env) => {
    // The policy of the handler says which URLs may be opened.
    const response = await fetch(env['GREETING_URL'] ?? '');
    const text = await response.text();
    if (!response.ok) return Response.json({ problems: ['no greeting'] }, { status: 502 });
    return Response.json({ from: 'upstream', ...JSON.parse(text) });
  },
  'GET /page': (_request, url) => {
    const title = url.searchParams.get('title') ?? 'Untitled';
    const page = html`<!doctype html><title>${title}</title><h1>${title}</h1>`;
    return new Response(page, { headers: { 'Content-Type': 'text/html; charset=utf-8' } });
  },
};

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const route = routes[`${request.method} ${url.pathname}`];
    if (route !== undefined) return route(request, url, env);
    const problem = `There is nothing at ${request.method} ${url.pathname}`;
    return Response.json({ problems: [problem], routes: Object.keys(routes) }, { status: 404 });
  },
};

function checkNote(value: unknown, problems: string[]): Note | undefined {
  const given: Readonly<Record<string, unknown>> = Object(value);
  const { title, stars } = given;
  if (typeof title !== 'string' || title.trim() === '') problems.push('title must be a text');
  if (!Number.isInteger(stars) || Number(stars) < 1 || Number(stars) > 5) {
    problems.push('stars must be a whole number from 1 to 5');
  }
  return problems.length > 0 ? undefined : { title: String(title), stars: Number(stars) };
}

/** Escapes what is filled in. */
function html(parts: TemplateStringsArray, ...values: readonly string[]): string {
  const escaped = values.map((value) => value.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`));
  return String.raw({ raw: parts }, ...escaped);
}
