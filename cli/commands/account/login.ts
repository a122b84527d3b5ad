import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createApi, take } from '../../../client/api.ts';
import { openInBrowser } from '../../terminal/browser.ts';
import { defineCommand } from '../../parser/command.ts';
import type { Context } from '../../context.ts';
import type { Credential } from '../../account/credentials.ts';
import { UsageError } from '../../errors.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { readInputText } from '../../terminal/input.ts';
import { listenForCode } from '../../account/loopback.ts';
import { formatRelativeTime } from '../../terminal/quantities.ts';
import { isPrivateWay, readToken } from '../../settings.ts';
import { readClaims } from '../../account/token.ts';
import { styled, text } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Sign in',
  description:
    'Signs in through your browser, where you authorize the CLI. The token is saved in a file that only you can read, and is sent to no other server. Use --token on machines without a browser. In CI, set TRISIEL_TOKEN instead of signing in.',
  arguments: {},
  options: {
    token: {
      kind: 'text',
      value: 'TOKEN',
      description:
        'Saves this token instead of opening a browser. - reads it from standard input, which keeps it out of the shell history.',
    },
    'no-browser': {
      kind: 'flag',
      description:
        'Prints the address of the page instead of opening it. Open the page on this machine.',
    },
    admin: {
      kind: 'flag',
      description:
        'Also requests the admin scope, for trisiel admin. An administrator must tick it on the page.',
    },
    name: {
      kind: 'text',
      value: 'NAME',
      description: 'The name of the token in your list. Default: the name of this machine.',
    },
  },
  examples: [
    { line: 'trisiel login', what: 'Sign in to the server on this machine.' },
    {
      line: 'trisiel login --server https://api.trisiel.com',
      what: 'Sign in to another server, which becomes the default.',
    },
    { line: 'trisiel login --admin', what: 'Sign in with the admin scope.' },
    { line: 'trisiel login --token - < token.txt', what: 'Sign in with an existing token.' },
  ],
  json: 'an object: server, username, tokenId, expiresAt, scopes (an array). Not the token.',
  exits: SERVER_EXITS,
  async run(context) {
    const { options, settings, out, terminal } = context;
    const server = await settings.server();
    if (!isPrivateWay(server)) {
      await out.warn(
        text`your token will be sent to ${server} unencrypted, so others on the network can read it. Use https.`,
      );
    }
    if (options.token !== undefined && options.admin) {
      throw new UsageError(
        'Use --admin or --token, not both: the scopes of an existing token cannot change.',
      );
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
      ...(scopes.includes('admin') ? [text`The token has the admin scope.`] : []),
      ...(expiresAt === ''
        ? []
        : [
            text`The token is saved in ${settings.credentials.path} and expires ${formatRelativeTime(expiresAt)}.`,
          ]),
    ]);
    if (options.admin && !scopes.includes('admin')) {
      await out.warn(
        text`the admin scope was not granted. Only an administrator can grant it, by ticking it on the page.`,
      );
    }
    if ((terminal.env['TRISIEL_TOKEN'] ?? '') !== '') {
      await out.warn(text`TRISIEL_TOKEN is set and overrides the saved token.`);
    }
  },
});

/** A saved token with its scopes, which only the server knows. */
type Given = Credential & { readonly scopes: readonly string[] };

interface Wanted {
  /** Name of the token in the user's list. */
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
      text`${opens ? 'Opening this page in your browser' : 'Open this page in a browser on this machine'}:\n\n  ${page.href}\n`,
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
  if (jti === undefined)
    throw new UsageError('That is not a Trisiel token. Copy the complete token.');
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
