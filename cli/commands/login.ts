import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createApi, take } from '../../client/api.ts';
import { openInBrowser } from '../terminal/browser.ts';
import { defineCommand } from '../parser/command.ts';
import type { Context } from '../context.ts';
import type { Credential } from '../account/credentials.ts';
import { UsageError } from '../errors.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { readInputText } from '../terminal/input.ts';
import { listenForCode } from '../account/loopback.ts';
import { sayWhen } from '../terminal/quantities.ts';
import { isPrivateWay, readToken } from '../settings.ts';
import { readClaims } from '../account/token.ts';
import { styled, text } from '../terminal/text.ts';

export const command = defineCommand({
  summary: 'Sign in',
  description:
    'Signs you in by your browser: it asks whether this command may act for you, and brings the answer back. The token is kept in a file that is yours alone, and sent to no other server. --token is for machines without a browser; in CI set TRISIEL_TOKEN instead, and sign in nowhere.',
  arguments: {},
  options: {
    token: {
      kind: 'text',
      value: 'TOKEN',
      description:
        'Keeps this token, with no browser. - reads it from standard input, where nobody sees it.',
    },
    'no-browser': {
      kind: 'flag',
      description:
        'Prints the address of the page and opens nothing. The page has to be opened on this machine.',
    },
    admin: {
      kind: 'flag',
      description:
        'Asks for administration too, for trisiel admin: an administrator ticks it on the page.',
    },
    name: {
      kind: 'text',
      value: 'NAME',
      description: 'What the token is called in your list. Default: the name of this machine.',
    },
  },
  examples: [
    { line: 'trisiel login', what: 'By your browser, to the server on this machine.' },
    {
      line: 'trisiel login --server https://api.trisiel.com',
      what: 'To another server, which is the default from then on.',
    },
    { line: 'trisiel login --admin', what: 'For trisiel admin, too.' },
    { line: 'trisiel login --token - < token.txt', what: 'With a token that you have.' },
  ],
  json: 'an object: server, username, tokenId, expiresAt, scopes (an array). Not the token.',
  exits: SERVER_EXITS,
  async run(context) {
    const { options, settings, out, terminal } = context;
    const server = await settings.server();
    if (!isPrivateWay(server)) {
      await out.warn(
        text`your token will go to ${server} unencrypted, for all on the way to read. Use https.`,
      );
    }
    if (options.token !== undefined && options.admin) {
      throw new UsageError('Say --admin or --token, not both: a token may what it was made for.');
    }
    const { scopes, ...credential } =
      options.token === undefined
        ? await askBrowser(context, server, {
            name: options.name ?? `trisiel on ${hostname()}`,
            opens: !options['no-browser'],
            asksAdmin: options.admin,
          })
        : await checkToken(context, options.token);
    await settings.credentials.save(server, credential);
    const { username, tokenId, expiresAt } = credential;
    await out.give({ server, username, tokenId, expiresAt, scopes }, () => [
      text`Signed in to ${server} as ${styled('bold', username)}.`,
      ...(scopes.includes('admin') ? [text`The token may administer the server.`] : []),
      ...(expiresAt === ''
        ? []
        : [
            text`The token is kept in ${settings.credentials.path} and expires ${sayWhen(expiresAt)}.`,
          ]),
    ]);
    if (options.admin && !scopes.includes('admin')) {
      await out.warn(
        text`administration was not given: only an administrator can, by the tick on the page.`,
      );
    }
    if ((terminal.env['TRISIEL_TOKEN'] ?? '') !== '') {
      await out.warn(text`TRISIEL_TOKEN is set, and wins over what was saved.`);
    }
  },
});

/** What is kept, and what it may, which the server knows. */
type Given = Credential & { readonly scopes: readonly string[] };

interface Wanted {
  /** Of the token. */
  readonly name: string;
  readonly opens: boolean;
  readonly asksAdmin: boolean;
}

async function askBrowser(
  context: Context,
  server: string,
  { name, opens, asksAdmin }: Wanted,
): Promise<Given> {
  const { openApi, out, progress, signal } = context;
  const api = await openApi();
  // Check that the server is reachable before opening the browser.
  await take(api.GET('/api/server'));
  const state = randomBytes(32).toString('base64url');
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const loopback = await listenForCode(state, signal);
  try {
    const page = new URL('/panel/authorize', server);
    page.search = String(
      new URLSearchParams({
        port: String(loopback.port),
        state,
        challenge,
        name,
        ...(asksAdmin ? { admin: 'yes' } : {}),
      }),
    );
    await out.announce(
      { open: page.href },
      text`${opens ? 'Your browser opens this page' : 'Open this page in a browser on this machine'}:\n\n  ${page.href}\n`,
    );
    if (opens) await openInBrowser(page.href);
    const code = await progress.during('Waiting for your browser …', loopback.code);
    const made = await take(api.POST('/api/command-logins/token', { body: { code, verifier } }));
    return {
      token: made.token,
      tokenId: made.id,
      username: made.username,
      expiresAt: made.expiresAt,
      scopes: made.scopes,
    };
  } finally {
    loopback.close();
  }
}

async function checkToken(context: Context, given: string): Promise<Given> {
  const { apiOptionsFor, terminal } = context;
  const token = readToken(
    given === '-' ? 'Standard input' : '--token',
    (given === '-' ? await readInputText(terminal, '-') : given).trim(),
  );
  const { jti, exp } = readClaims(token);
  if (jti === undefined) throw new UsageError('That is no token of Trisiel. Copy it whole.');
  const api = createApi(await apiOptionsFor(token));
  const { username, scopes } = await take(api.GET('/api/whoami'));
  return {
    token,
    tokenId: jti,
    username,
    scopes,
    expiresAt: exp === undefined ? '' : new Date(exp * 1000).toISOString(),
  };
}
