/** What a command is given. */
import type { Api, ApiOptions } from '../client/api.ts';
import type { Ask } from './terminal/ask.ts';
import type { Output } from './terminal/output.ts';
import type { Progress } from './terminal/progress.ts';
import type { Settings } from './settings.ts';
import type { Terminal } from './terminal/terminal.ts';

export interface Context {
  readonly settings: Settings;
  readonly out: Output;
  readonly ask: Ask;
  readonly progress: Progress;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C: stop, and let the command end. */
  readonly signal: AbortSignal;
  /** The API of the server, as the user who is signed in. Throws where nobody is. */
  readonly api: () => Promise<Api>;
  /** The same without a token, for what is open to all. */
  readonly openApi: () => Promise<Api>;
  /** What an API is made with, for a token that is not the one in use. */
  readonly apiOptionsFor: (token: string) => Promise<ApiOptions & { readonly token: string }>;
  /** The same for the one in use. */
  readonly apiOptions: () => Promise<ApiOptions & { readonly token: string }>;
}
