/** The context passed to every command. */
import type { Api, ClientOptions } from '../client/api.ts';
import type { Ask } from './terminal/ask.ts';
import type { CommandOutput } from './terminal/output.ts';
import type { Progress } from './terminal/progress.ts';
import type { Settings } from './settings.ts';
import type { Terminal } from './terminal/terminal.ts';

export interface Context {
  readonly settings: Settings;
  readonly out: CommandOutput;
  readonly ask: Ask;
  readonly progress: Progress;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The API client of the signed-in user. Throws if no user is signed in. */
  readonly api: () => Promise<Api>;
  /** The API client without a token, for public endpoints. */
  readonly openApi: () => Promise<Api>;
  /** Options for an API client with another token than the configured one. */
  readonly apiOptionsFor: (token: string) => Promise<ClientOptions & { readonly token: string }>;
  /** Options for an API client with the configured token. Throws if there is none. */
  readonly apiOptions: () => Promise<ClientOptions & { readonly token: string }>;
}
