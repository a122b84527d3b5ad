/** Creates the context of a command from the command line and the terminal. */
import type { Api, ClientOptions } from '../client/api.ts';
import { Ask } from './terminal/ask.ts';
import type { Context } from './context.ts';
import { CommandOutput } from './terminal/output.ts';
import type { ParsedCommand } from './parser/program.ts';
import { Progress } from './terminal/progress.ts';
import { isPrivateWay, notSignedIn, Settings } from './settings.ts';
import type { Terminal } from './terminal/terminal.ts';
import { quoteWord } from './terminal/shell-word.ts';
import { text } from './terminal/text.ts';
import { readVersion } from './version.ts';

export function makeContext(
  { isJson, server }: ParsedCommand,
  terminal: Terminal,
  signal: AbortSignal,
): Context {
  const { env, cwd } = terminal;
  const settings = new Settings({ env, cwd, server });
  const out = new CommandOutput(terminal, isJson);
  let warned = false;
  const options = async (): Promise<ClientOptions> => ({
    origin: await settings.server(),
    userAgent: `trisiel/${await readVersion()}`,
    fetch: (request) => fetch(request, { signal: AbortSignal.any([signal, request.signal]) }),
  });
  const apiOptions = async () => {
    const origin = await settings.server();
    const held = await settings.token();
    if (held === undefined) throw notSignedIn(origin);
    if (!warned) {
      warned = true;
      await warnOfLeaks(settings, out, origin, held.from);
    }
    return { ...(await options()), token: held.token };
  };
  const connect = async (made: ClientOptions): Promise<Api> => {
    const { createApi } = await import('../client/api.ts');
    return createApi(made);
  };
  return {
    settings,
    out,
    ask: new Ask(terminal, isJson),
    progress: new Progress(terminal, isJson),
    terminal,
    signal,
    apiOptions,
    apiOptionsFor: async (token) => ({ ...(await options()), token }),
    api: async () => connect(await apiOptions()),
    openApi: async () => connect(await options()),
  };
}

async function warnOfLeaks(
  settings: Settings,
  out: CommandOutput,
  origin: string,
  from: 'environment' | 'saved',
): Promise<void> {
  if (!isPrivateWay(origin)) {
    await out.warn(
      text`your token is sent to ${origin} unencrypted, so others on the network can read it. Use https.`,
    );
  }
  if (from === 'saved' && (await settings.credentials.isOpenToOthers())) {
    const { path } = settings.credentials;
    await out.warn(
      text`others on this machine can read ${path}. Fix it: chmod 600 ${quoteWord(path)}`,
    );
  }
}
