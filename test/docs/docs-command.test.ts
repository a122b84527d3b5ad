/**
 * Runs the `trisiel` commands of the documentation as printed, in bash against a live server. The fences marked
 * `trisiel` on a page are one session in an empty folder. A fence `txt output` shows the output of the fence before it.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { suite, test } from 'node:test';
import { readSnippets, type Snippet } from '../../docs-site/snippets/snippets.ts';
import { findFreePort } from '../../scripts/services/free-port.ts';
import { root } from '../../scripts/paths.ts';
import { readVersion } from '../../sdk/toolchain.ts';
import { newAuthor, startServer, type CommandServer, type Person } from '../setup/command.ts';
import { compileCache } from '../setup/compile-cache.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

/** The addresses of handlers and of `trisiel dev` in the documentation. */
const RUN_ORIGIN = 'http://127.0.0.1:4001';
const DEV_ORIGIN = 'http://localhost:4500';
const MARK = '@@ fence ';

interface Session {
  readonly page: string;
  readonly fences: readonly { readonly snippet: Snippet; readonly wanted: string | undefined }[];
}

const sessions = readSessions();

suite('the commands of a page, as printed', () => {
  const databases = onAnyDatabase();

  test('against a live server', async (t) => {
    for (const tool of ['bash', 'curl']) {
      if ((await readVersion(tool)) === undefined) return t.skip(`${tool} is not installed`);
    }
    const db = await databases.migrated(t);
    assert.ok(db);
    const server = await startServer(t, db);
    for (const session of sessions) {
      await t.test(session.page, async (own) => {
        const author = await newAuthor(own, server, session.page.replaceAll(/\W+/g, '-'));
        await run(session, server, author);
      });
    }
  });

  test('Start here leads from nothing to a response in three commands', () => {
    const start = sessions.find(({ page }) => page === 'start/index.mdx');
    const lines = start?.fences.flatMap(({ snippet }) => readLines(snippet)) ?? [];
    const first = lines.findIndex((line) => line.startsWith('trisiel init'));
    const answer = lines.findIndex((line) => line.startsWith('curl '));
    assert.ok(first >= 0 && answer - first === 2, lines.join('\n'));
  });
});

function readSessions(): Session[] {
  const snippets = readSnippets();
  const byPage = new Map<string, Session['fences'][number][]>();
  for (const [i, snippet] of snippets.entries()) {
    if (!snippet.flags.includes('trisiel')) continue;
    const next = snippets[i + 1];
    const wanted = next?.flags.includes('output') === true ? next.text : undefined;
    byPage.set(snippet.page, [...(byPage.get(snippet.page) ?? []), { snippet, wanted }]);
  }
  return Array.from(byPage, ([page, fences]) => ({ page, fences }));
}

async function run(session: Session, server: CommandServer, author: Person): Promise<void> {
  const bin = join(author.home, 'bin');
  const folder = join(author.home, 'empty');
  await mkdir(bin);
  await mkdir(folder);
  const command = join(bin, 'trisiel');
  const main = join(root, 'cli', 'bin.mjs');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  await chmod(command, 0o755);
  const devPort = await findFreePort();
  const script = session.fences.map(({ snippet }, i) => {
    const text = toLine(snippet, server.runOrigin, devPort);
    return `printf '\\n%s\\n' '${MARK}${i}'\n${text}`;
  });
  const { stdout, stderr, status } = await runBash(`set -e\n${script.join('\n')}`, folder, {
    ...compileCache,
    ...author.env,
    PATH: [bin, process.env['PATH']].join(delimiter),
    HOME: author.home,
  });
  const parts = stdout.split(`\n${MARK}`).slice(1);
  const reached = session.fences[parts.length - 1]?.snippet.text ?? '';
  assert.equal(status, 0, `${reached}\n${stderr}\n${stdout}`);
  for (const [i, { wanted }] of session.fences.entries()) {
    if (wanted !== undefined) assert.equal(parts[i]?.slice(String(i).length + 1), wanted);
  }
}

/**
 * Returns the printed lines with the ports of this test. Commands that keep running are put into the background until
 * the end.
 */
function toLine(snippet: Snippet, runOrigin: string, devPort: number): string {
  const lines = readLines(snippet).map((line) =>
    line
      .replaceAll('curl ', 'curl --silent --show-error --fail ')
      .replaceAll(RUN_ORIGIN, runOrigin)
      .replaceAll(DEV_ORIGIN, `http://localhost:${devPort}`),
  );
  if (!snippet.flags.includes('background')) return `${lines.join('\n')}\n`;
  const [line = ''] = lines;
  return [
    `${line} --port ${devPort} >/dev/null & background=$!`,
    "trap 'kill $background' EXIT",
    `curl --silent --output /dev/null --retry 100 --retry-delay 1 --retry-connrefused http://localhost:${devPort}/`,
    '',
  ].join('\n');
}

function runBash(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ stdout: string; stderr: string; status: number }> {
  return new Promise((resolve) => {
    const args = ['--norc', '-c', script];
    execFile('bash', args, { cwd, env }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ stdout, stderr, status });
    });
  });
}

/** Returns the commands. A line that ends with a backslash continues. */
function readLines({ text }: Snippet): string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
}
