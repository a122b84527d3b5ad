/** Checks by API token whether a caller owns a handler or a run. */
import type { KeyRing } from './keys.ts';
import type { Scope } from './scopes.ts';
import { verifyToken } from './tokens.ts';
import type { Database } from '../db/connection/database.ts';
import { findTokenOwner, type TokenOwner } from '../db/accounts/tokens.ts';
import { ProblemError } from '../problems/problems.ts';

export interface OwnerCheckOptions {
  readonly db: Database;
  readonly keys: KeyRing;
  /** The origin of the API, which tokens are issued for. */
  readonly webOrigin: string;
  readonly clock: () => Date;
}

export type TokenUser = TokenOwner;

export interface OwnerNeed {
  readonly ownerId: string;
  readonly scope: Scope;
  /** The problem for a missing resource; to others, a private one must look the same. */
  readonly absent: () => ProblemError;
}

export class OwnerCheck {
  readonly #options: OwnerCheckOptions;

  constructor(options: OwnerCheckOptions) {
    this.#options = options;
  }

  /** Returns the user of a token; undefined without a valid token. Rejects if the database is unreachable. */
  async identify(authorization: string | undefined): Promise<TokenUser | undefined> {
    const token = /^bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    const { db, keys, clock, webOrigin } = this.#options;
    try {
      const { jti, userId } = await verifyToken({ keys, clock, origin: webOrigin }, token);
      const found = await findTokenOwner(db, jti, clock());
      return found?.id === userId ? found : undefined;
    } catch (error) {
      // An invalid token counts as none.
      if (error instanceof ProblemError) return undefined;
      throw error;
    }
  }

  /**
   * Throws `absent` unless the caller is the owner; throws the problem that names the missing scope if the owner lacks
   * it.
   */
  need(user: TokenUser | undefined, { ownerId, scope, absent }: OwnerNeed): void {
    if (user?.id !== ownerId) throw absent();
    if (user.lockedAt !== null) {
      throw new ProblemError(
        'account-locked',
        'The account is locked. Contact the operator of this server.',
      );
    }
    if (!user.scopes.includes(scope)) {
      throw new ProblemError(
        'missing-scope',
        `The token does not have the scope ${scope}. Create one that has it.`,
      );
    }
  }

  /** Returns whether the caller is the owner with the scope. False if the database is unreachable. */
  async isOwner(
    authorization: string | undefined,
    ownerId: string,
    scope: Scope,
  ): Promise<boolean> {
    const user = await this.identify(authorization).catch(() => undefined);
    return user?.id === ownerId && user.lockedAt === null && user.scopes.includes(scope);
  }
}
