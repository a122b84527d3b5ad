/** Sign-in with OpenID Connect: code flow with PKCE, state and nonce; by discovery or with configured endpoints. */
import type * as oidc from 'openid-client';
import type { Config, IssuerSettings } from '../../config.ts';
import type { Sealer } from '../../sealer.ts';
import { IssuerClient } from './issuer-client.ts';
import { localPath } from './local-path.ts';
import { explain, failure } from './sign-in-failure.ts';

/** The redirect URI's path. */
export const CALLBACK_PATH = '/login/callback';

/** Time limit of a sign-in. */
export const SIGN_IN_MS = 10 * 60_000;

export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly username: string;
  readonly email: string | null;
}

export interface PendingSignIn {
  /** The authorization URL to redirect the browser to. */
  readonly url: string;
  readonly state: string;
  /** The encrypted state of the sign-in, for the browser's cookie. */
  readonly memory: string;
}

interface Memory {
  readonly state: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly returnTo: string;
  readonly until: number;
}

const PLACE = 'sign-in';

export class SignIn {
  readonly #config: Config;
  readonly #issuer: IssuerSettings;
  readonly #sealer: Sealer;
  readonly #clock: () => Date;
  readonly #client: IssuerClient;

  constructor(config: Config, issuer: IssuerSettings, sealer: Sealer, clock: () => Date) {
    this.#config = config;
    this.#issuer = issuer;
    this.#sealer = sealer;
    this.#clock = clock;
    this.#client = new IssuerClient(issuer);
  }

  /**
   * Starts a sign-in. Rejects with a `provider-failed` problem if the issuer's metadata cannot be read.
   * @param returnTo the path of this origin to return to afterwards
   */
  async begin(returnTo: string): Promise<PendingSignIn> {
    const { calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier, randomState } =
      await import('openid-client');
    const verifier = randomPKCECodeVerifier();
    const state = randomState();
    // Always sent, because an issuer may otherwise return the nonce of an earlier grant.
    const nonce = randomNonce();
    try {
      const url = await this.#client.authorizationUrl({
        redirect_uri: `${this.#config.webOrigin}${CALLBACK_PATH}`,
        scope: this.#issuer.scope,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      const until = this.#clock().getTime() + SIGN_IN_MS;
      const memory: Memory = { state, verifier, nonce, returnTo: localPath(returnTo), until };
      return {
        url: url.href,
        state,
        memory: this.#sealer.seal(JSON.stringify(memory), PLACE).toString('base64url'),
      };
    } catch (error) {
      throw await explain(error, 'the discovery of the issuer', [this.#issuer.clientSecret]);
    }
  }

  /** Decrypts a memory of {@link begin}. Undefined if this server did not create it. */
  recall(
    memory: string | undefined,
  ): { readonly returnTo: string; readonly until: number; readonly isOver: boolean } | undefined {
    const found = this.#open(memory);
    if (found === undefined) return undefined;
    const { returnTo, until } = found;
    return { returnTo, until, isOver: until < this.#clock().getTime() };
  }

  /**
   * Completes a sign-in. Rejects with a `sign-in-failed` or `provider-failed` problem; its cause is for the log.
   * @param query the query of the redirect, with its question mark
   * @param memory the memory of {@link begin}, from the same browser
   */
  async finish(
    query: string,
    memory: string | undefined,
  ): Promise<{ readonly identity: Identity; readonly returnTo: string }> {
    const { verifier, nonce, state, returnTo, until } = this.#require(memory);
    if (until < this.#clock().getTime()) {
      throw failure(
        'sign-in-failed',
        'The sign-in took longer than ten minutes. Begin again at /login.',
        'the sign-in took longer than ten minutes',
      );
    }
    const callback = new URL(`${this.#config.webOrigin}${CALLBACK_PATH}${query}`);
    try {
      const info = await this.#client.identify(callback, { state, verifier, nonce });
      return { identity: this.#identityOf(info), returnTo };
    } catch (error) {
      const code = callback.searchParams.get('code') ?? '';
      const secrets = [this.#issuer.clientSecret, verifier, nonce, state, code];
      throw await explain(error, 'the sign-in', secrets);
    }
  }

  #identityOf(info: oidc.UserInfoResponse): Identity {
    const subject = text(info.sub, 255);
    const names = [info.preferred_username, info['nickname']].map((name) => text(name, 100));
    // Issuers such as Dex have no user names. A verified address belongs to one user only.
    if (info.email_verified === true) names.push(text(info.email, 100));
    return {
      issuer: this.#issuer.issuer,
      subject,
      username: names.find((name) => name !== '') ?? subject,
      // Addresses that the issuer reports as not verified are not stored.
      email: info.email_verified === false ? null : text(info.email, 254) || null,
    };
  }

  #require(memory: string | undefined): Memory {
    const found = this.#open(memory);
    if (found !== undefined) return found;
    throw failure(
      'sign-in-failed',
      'This browser did not begin the sign-in, or lost its cookie. Begin again at /login.',
      memory === undefined
        ? 'the browser sent no cookie for this state'
        : 'the cookie of this state was changed, or encrypted with a key that was removed',
    );
  }

  #open(memory: string | undefined): Memory | undefined {
    if (memory === undefined) return undefined;
    try {
      return JSON.parse(this.#sealer.open(Buffer.from(memory, 'base64url'), PLACE));
    } catch {
      return undefined;
    }
  }
}

/** Sanitizes a claim: a string of bounded length, or empty. */
function text(value: unknown, maxLength: number): string {
  return typeof value === 'string'
    ? value.replaceAll('\0', '').slice(0, maxLength).toWellFormed()
    : '';
}
