/** Whether a caller is the owner of a handler, or of a run: shown by a token, as the API's tokens are. */
import type { KeyRing } from '../api/auth/keys.ts';
import type { Scope } from '../api/auth/scopes.ts';
import { verifyToken } from '../api/auth/tokens.ts';
import type { Database } from '../db/database.ts';
import { findTokenUser } from '../db/tokens.ts';
import { ProblemError } from '../problems.ts';

export interface OwnerCheckOptions {
  readonly db: Database;
  readonly keys: KeyRing;
  /** The API's: tokens are made for it. */
  readonly webOrigin: string;
  readonly clock: () => Date;
}

export class OwnerCheck {
  readonly #options: OwnerCheckOptions;

  constructor(options: OwnerCheckOptions) {
    this.#options = options;
  }

  /**
   * Throws the problem that says what a caller of a private handler lacks. Another user's handler is one that is not
   * there.
   */
  async need(authorization: string | undefined, ownerId: string, scope: Scope): Promise<void> {
    if (authorization === undefined) {
      throw new ProblemError(
        'sign-in-required',
        'The handler is private: send Authorization: Bearer TOKEN, with a token of its owner.',
        { headers: { 'www-authenticate': 'Bearer' } },
      );
    }
    const user = await this.#userOf(authorization);
    if (user.id !== ownerId) {
      throw new ProblemError(
        'no-such-handler',
        'There is no handler of that name here, or it is private and not yours.',
      );
    }
    if (user.lockedAt !== null) {
      throw new ProblemError('account-locked', 'The account is locked. Write to the operator.');
    }
    if (!user.scopes.includes(scope)) {
      throw new ProblemError(
        'missing-scope',
        `The token does not have the scope ${scope}. Make one that has it.`,
      );
    }
  }

  /** The same as a question. A token that is no good is none. */
  async isOwner(
    authorization: string | undefined,
    ownerId: string,
    scope: Scope,
  ): Promise<boolean> {
    if (authorization === undefined) return false;
    return this.need(authorization, ownerId, scope).then(
      () => true,
      () => false,
    );
  }

  async #userOf(authorization: string) {
    const { db, keys, clock, webOrigin } = this.#options;
    const token = /^bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
    const user =
      token === undefined
        ? undefined
        : await verifyToken({ keys, clock, origin: webOrigin }, token).then(async (claims) => {
            const found = await findTokenUser(db, claims.jti, clock());
            return found?.id === claims.userId ? found : undefined;
          });
    if (user !== undefined) return user;
    throw new ProblemError(
      'invalid-token',
      'The token was revoked, or was not made by this server. Make a new one.',
      { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
    );
  }
}
