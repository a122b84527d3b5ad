/**
 * Runs the curl line on the page of each example as a reader does: start the server, open the page, press copy, paste
 * into a shell. The response must match the table of cases on the page. Only the origin is changed, to the port of this
 * server.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { isDeepStrictEqual, promisify } from 'node:util';
import { createHash } from 'node:crypto';
import { loadExamples, type LoadedExample } from '../../examples/load.ts';
import { ORIGIN, type Case } from '../../examples/types.ts';
import { curlLine } from '../../playground/inputs/invoke.ts';
import { startServer, type StartedServer } from '../setup/servers/started-server.ts';

const PRINTED_ORIGIN = 'http://127.0.0.1:4001';
const MAX_BYTES = 16 * 1024 * 1024;

const runFile = promisify(execFile);
const hasTools = await Promise.all([
  runFile('curl', ['--version']),
  runFile('bash', ['--version']),
]).then(
  () => true,
  () => false,
);
const skip = hasTools ? false : 'curl or bash is not installed';
const handlers = (await loadExamples()).filter(({ example }) => example.input.request);

let server: StartedServer;
let folder = '';
before(async () => {
  if (!hasTools) return;
  folder = await mkdtemp(join(tmpdir(), 'trisiel-curl-'));
  // Settings outside of the line: the head is written to a file, and output is not buffered.
  const settings = ['silent', 'show-error', 'no-buffer', `dump-header = "${folder}/head"`];
  await writeFile(join(folder, '.curlrc'), settings.join('\n'));
  server = await startServer();
});
after(async () => {
  await server?.stop();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

/** Returns the text of the copy button beside the line. */
async function copyLine(name: string): Promise<string> {
  const page = await fetch(`${server.webOrigin}/examples/${name}/`);
  assert.equal(page.status, 200);
  const codes = Array.from((await page.text()).matchAll(/data-code="([^"]*)"/g), ([, text = '']) =>
    unescapeHtml(text),
  );
  const lines = codes.filter((code) => /(^|\| )curl /.test(code));
  assert.equal(lines.length, 1, `the page has ${lines.length} curl lines`);
  return lines[0] ?? '';
}

/** Decodes the text as Expressive Code encodes it: character references, and DEL for a line end. */
function unescapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = { quot: '"', lt: '<', gt: '>', amp: '&' };
  return text
    .replaceAll('\u007F', '\n')
    .replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return names[name] ?? whole;
    });
}

const toServer = (line: string): string => {
  assert.ok(line.includes(`${PRINTED_ORIGIN}/run/`), line);
  return line.replaceAll(PRINTED_ORIGIN, server.runOrigin);
};
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, CURL_HOME: folder });

interface Pasted {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Runs the line in bash. */
async function paste(line: string): Promise<Pasted> {
  const { stdout } = await runFile('bash', ['-c', toServer(line)], {
    env: environment(),
    encoding: 'buffer',
    maxBuffer: MAX_BYTES,
  });
  const head = (await readFile(join(folder, 'head'), 'latin1')).trimEnd().split('\r\n');
  const headers = new Map<string, string>();
  for (const field of head.slice(1)) {
    const [, name = '', value = ''] = /^([^:]+): ?(.*)$/.exec(field) ?? [];
    const known = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), known === undefined ? value : `${known}, ${value}`);
  }
  return { status: Number(head[0]?.split(' ')[1]), headers, body: stdout };
}

function check(name: string, { status, headers, body }: Pasted, { expect }: Case): void {
  const text = (wanted: string): string => wanted.replaceAll(ORIGIN, server.webOrigin);
  assert.equal(status, expect.status, body.toString());
  for (const [header, value] of Object.entries(expect.headers ?? {})) {
    // A redirect to the handler's root leads to /run/NAME here.
    const isOwnPath = header === 'location' && value.startsWith('/');
    assert.equal(headers.get(header), isOwnPath ? `/run/${name}${value}` : text(value), header);
  }
  if (expect.output !== undefined) assert.equal(body.toString(), text(expect.output));
  if (expect.outputMatches !== undefined) {
    assert.match(body.toString(), new RegExp(expect.outputMatches, 'u'));
  }
  if (expect.outputDigest !== undefined) {
    assert.equal(createHash('sha256').update(body).digest('hex'), expect.outputDigest);
  }
  assert.match(headers.get('trisiel-execution') ?? '', /^[0-9a-f-]{36}$/);
}

/** Cases whose output contains the location of the handler, which differs between /run/NAME on a server and the page. */
const TOLD_OF_ITS_PLACE: Readonly<Record<string, (one: Case) => Case>> = {
  environment: (one) => {
    const { port } = new URL(server.runOrigin);
    const outputMatches = one.expect.outputMatches
      ?.replace('REQUEST_URI = ', 'REQUEST_URI = /run/environment')
      .replace('SCRIPT_NAME = ', 'SCRIPT_NAME = /run/environment')
      .replace('SERVER_PORT = 80', `SERVER_PORT = ${port}`)
      .replace('handler\\.test', '127\\.0\\.0\\.1');
    assert.ok(outputMatches !== undefined);
    return { ...one, expect: { ...one.expect, outputMatches } };
  },
};

function caseOf({ name, example, cases }: LoadedExample): Case {
  const found = cases.find(({ input }) => isDeepStrictEqual(input, example.input));
  assert.ok(found, 'no case matches the initial input of the page');
  return TOLD_OF_ITS_PLACE[name]?.(found) ?? found;
}

test(
  'the first curl line works as soon as the server reports that it is running',
  { skip },
  async () => {
    const hello = handlers.find(({ name }) => name === 'hello-http');
    assert.ok(hello);
    check(hello.name, await paste(await copyLine(hello.name)), caseOf(hello));
    await server.untilReady();
  },
);

for (const loaded of handlers) {
  const { name, example } = loaded;
  test(
    `${name}: the curl line of its page gives the response that the page shows`,
    { skip },
    async () => {
      check(name, await paste(await copyLine(name)), caseOf(loaded));
    },
  );

  const others = loaded.cases.filter(
    ({ input: { env, policy, request }, expect }) =>
      request !== undefined &&
      expect.status !== undefined &&
      isDeepStrictEqual({ env, policy }, { env: example.input.env, policy: example.input.policy }),
  );
  // Output that contains the environment is compared once, above.
  if (name in TOLD_OF_ITS_PLACE || others.length < 2) continue;
  test(
    `${name}: every request in its table gives the response in the table`,
    { skip },
    async () => {
      for (const one of others) {
        const { request } = one.input;
        assert.ok(request);
        const line = curlLine(`${PRINTED_ORIGIN}/run/${name}${request.path}`, request);
        check(name, await paste(line), one);
      }
    },
  );
}

/** Returns the pieces in which the output of a line arrives. */
async function pastePieces(line: string): Promise<string[]> {
  const child = spawn('bash', ['-c', toServer(line)], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pieces: string[] = [];
  for await (const piece of child.stdout) pieces.push(String(piece));
  return pieces;
}

for (const [name, first] of [
  ['countdown', '5 …\n'],
  ['events', 'retry: 2000\n\nid: 1\ndata: {"tick":1}\n\n'],
] as const) {
  test(
    `${name}: the curl line of its page shows each piece while the handler continues`,
    { skip },
    async (t) => {
      const pieces = await pastePieces(await copyLine(name));
      tell(t, pieces);
      // The handler sleeps after each piece; on a busy machine two late pieces may arrive together.
      assert.equal(pieces[0], first);
      assert.ok(pieces.length > 2, `it arrived in ${pieces.length} pieces`);
    },
  );
}

function tell(t: TestContext, pieces: readonly string[]): void {
  t.diagnostic(`${pieces.length} pieces: ${JSON.stringify(pieces)}`);
}
