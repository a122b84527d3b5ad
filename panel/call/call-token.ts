/** A short-lived token to call private handlers from the page. It is kept only in memory and revoked after use. */
import { take } from '../../client/index.ts';
import { api } from '../api.ts';

const MINUTES = 5;
/** The token is replaced this long before it expires. */
const MARGIN_MS = 60_000;

export class CallToken {
  #current:
    | { readonly id: string; readonly token: string; readonly expiresAtMs: number }
    | undefined;

  /** Returns the current token, or creates one. */
  async get(): Promise<string> {
    if (this.#current === undefined || this.#current.expiresAtMs - MARGIN_MS < Date.now()) {
      const { id, token, expiresAt } = await take(
        api.POST('/api/tokens', {
          body: {
            name: 'Try it, in the panel',
            scopes: ['handlers:call'],
            expiresInMinutes: MINUTES,
          },
        }),
      );
      this.#current = { id, token, expiresAtMs: Date.parse(expiresAt) };
    }
    return this.#current.token;
  }

  /** Revokes the current token. If that fails, the token expires within minutes. */
  drop(): void {
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    take(
      api.DELETE('/api/tokens/{token}', {
        params: { path: { token: current.id } },
        keepalive: true,
      }),
    ).catch(() => undefined);
  }
}
