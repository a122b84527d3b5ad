/** A token for calling one's own private handlers from the page: short-lived, in memory alone, and revoked after. */
import { take } from '../../client/index.ts';
import { api } from '../api.ts';

const MINUTES = 5;
/** So long before its end it is not used any more. */
const MARGIN_MS = 60_000;

export class CallToken {
  #made: { readonly id: string; readonly token: string; readonly endsAtMs: number } | undefined;

  /** The one that is there, or a new one. */
  async get(): Promise<string> {
    if (this.#made === undefined || this.#made.endsAtMs - MARGIN_MS < Date.now()) {
      const { id, token, expiresAt } = await take(
        api.POST('/api/tokens', {
          body: {
            name: 'Try it, in the panel',
            scopes: ['handlers:call'],
            expiresInMinutes: MINUTES,
          },
        }),
      );
      this.#made = { id, token, endsAtMs: Date.parse(expiresAt) };
    }
    return this.#made.token;
  }

  /** Revokes it where there is one; what cannot be revoked ends by itself in minutes. */
  drop(): void {
    const made = this.#made;
    this.#made = undefined;
    if (made === undefined) return;
    take(
      api.DELETE('/api/tokens/{token}', { params: { path: { token: made.id } }, keepalive: true }),
    ).catch(() => undefined);
  }
}
