/** Signing in by OpenID Connect: code flow, PKCE, state and nonce; with discovery or with endpoints that are given. */
import type * as oidc from 'openid-client';
import type { Config, IssuerSettings } from '../../config.ts';
import { ProblemError } from '../../problems.ts';
import type { Sealer } from '../../sealer.ts';

/** Where the identity provider sends the browser back to. */
export const CALLBACK_PATH = '/login/callback';

/** A sign-in that takes longer has to begin again. */
export const SIGN_IN_MS = 10 * 60_000;

export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly username: string;
  readonly email: string | null;
}

export interface Begun {
  /** Where the browser goes. */
  readonly url: string;
  /** What the browser keeps meanwhile, sealed. */
  readonly memory: string;
}

interface Memory {
  readonly state: string;
  readonly verifier: string;
  readonly nonce: string | undefined;
  readonly returnTo: string;
  readonly until: number;
}

const PLACE = 'sign-in';
const PROVIDER_TIMEOUT_SECONDS = 10;

export class SignIn {
  readonly #config: Config;
  readonly #issuer: IssuerSettings;
  readonly #sealer: Sealer;
  readonly #clock: () => Date;
  #client: Promise<oidc.Configuration> | undefined;

  constructor(config: Config, issuer: IssuerSettings, sealer: Sealer, clock: () => Date) {
    this.#config = config;
    this.#issuer = issuer;
    this.#sealer = sealer;
    this.#clock = clock;
  }

  /** @param returnTo a path of this origin, where the browser ends up */
  async begin(returnTo: string): Promise<Begun> {
    const {
      buildAuthorizationUrl,
      calculatePKCECodeChallenge,
      randomNonce,
      randomPKCECodeVerifier,
      randomState,
    } = await import('openid-client');
    const client = await this.#connect();
    const verifier = randomPKCECodeVerifier();
    const state = randomState();
    // Without discovery the issuer may give no ID token, and then no nonce: PKCE and state stand alone.
    const nonce = this.#issuer.endpoints === undefined ? randomNonce() : undefined;
    const url = buildAuthorizationUrl(client, {
      redirect_uri: `${this.#config.webOrigin}${CALLBACK_PATH}`,
      scope: this.#issuer.scope,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      ...(nonce === undefined ? {} : { nonce }),
    });
    const memory: Memory = {
      state,
      verifier,
      nonce,
      returnTo: localPath(returnTo),
      until: this.#clock().getTime() + SIGN_IN_MS,
    };
    return {
      url: url.href,
      memory: this.#sealer.seal(JSON.stringify(memory), PLACE).toString('base64url'),
    };
  }

  /**
   * @param query what the identity provider sent back, with its question mark
   * @param memory of {@link begin}, from the same browser
   */
  async finish(
    query: string,
    memory: string | undefined,
  ): Promise<{ readonly identity: Identity; readonly returnTo: string }> {
    const { state, verifier, nonce, returnTo, until } = this.#recall(memory);
    if (until < this.#clock().getTime()) {
      throw new ProblemError(
        'sign-in-failed',
        'The sign-in took longer than ten minutes. Begin again at /login.',
      );
    }
    const openid = await import('openid-client');
    const client = await this.#connect();
    try {
      const tokens = await openid.authorizationCodeGrant(
        client,
        new URL(`${this.#config.webOrigin}${CALLBACK_PATH}${query}`),
        {
          expectedState: state,
          pkceCodeVerifier: verifier,
          ...(nonce === undefined ? {} : { expectedNonce: nonce, idTokenExpected: true }),
        },
      );
      const subject = tokens.claims()?.sub;
      const token = tokens.access_token;
      const info = await (subject === undefined
        ? openid.fetchUserInfo(client, token, openid.skipSubjectCheck)
        : openid.fetchUserInfo(client, token, subject));
      return { identity: this.#identityOf(info), returnTo };
    } catch (error) {
      throw await explain(error);
    }
  }

  #identityOf(info: oidc.UserInfoResponse): Identity {
    const subject = text(info.sub, 255);
    return {
      issuer: this.#issuer.issuer,
      subject,
      username: text(info.preferred_username, 100) || text(info['nickname'], 100) || subject,
      // An address that the issuer does not vouch for is not kept.
      email: info.email_verified === false ? null : text(info.email, 254) || null,
    };
  }

  #recall(memory: string | undefined): Memory {
    if (memory !== undefined) {
      try {
        return JSON.parse(this.#sealer.open(Buffer.from(memory, 'base64url'), PLACE));
      } catch {
        // Told below: changed, or sealed with a key that is gone.
      }
    }
    throw new ProblemError(
      'sign-in-failed',
      'This browser did not begin the sign-in, or lost its cookie. Begin again at /login.',
    );
  }

  #connect(): Promise<oidc.Configuration> {
    this.#client ??= this.#makeClient().catch(async (error: unknown) => {
      this.#client = undefined;
      throw await explain(error);
    });
    return this.#client;
  }

  async #makeClient(): Promise<oidc.Configuration> {
    const { allowInsecureRequests, ClientSecretBasic, ClientSecretPost, Configuration, discovery } =
      await import('openid-client');
    const { issuer, clientId, clientSecret, endpoints } = this.#issuer;
    // Plain http is for an issuer of this machine, or of a private network.
    const insecure = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
    if (endpoints === undefined) {
      return discovery(new URL(issuer), clientId, undefined, ClientSecretBasic(clientSecret), {
        timeout: PROVIDER_TIMEOUT_SECONDS,
        execute: insecure,
      });
    }
    const client = new Configuration(
      {
        issuer,
        authorization_endpoint: endpoints.authorization,
        token_endpoint: endpoints.token,
        userinfo_endpoint: endpoints.userinfo,
      },
      clientId,
      undefined,
      ClientSecretPost(clientSecret),
    );
    client.timeout = PROVIDER_TIMEOUT_SECONDS;
    for (const allow of insecure) allow(client);
    return client;
  }
}

const LOCAL_PATH = /^\/(?![/\\])/;

/** A path of this origin, or the root: nobody is sent elsewhere. */
export function localPath(path: string): string {
  const base = 'http://local.invalid';
  const parsed = /^[\x21-\x7e]+$/.test(path) ? URL.parse(path, base) : null;
  if (parsed?.origin !== base) return '/';
  const found = `${parsed.pathname}${parsed.search}${parsed.hash}`;
  // What is resolved is looked at: `/.//elsewhere` becomes an address of another host.
  return LOCAL_PATH.test(path) && LOCAL_PATH.test(found) ? found : '/';
}

/** Whatever an issuer sends: a text of bounded length, or none. */
function text(value: unknown, most: number): string {
  return typeof value === 'string' ? value.replaceAll('\0', '').slice(0, most).toWellFormed() : '';
}

async function explain(error: unknown): Promise<unknown> {
  if (error instanceof ProblemError) return error;
  const { AuthorizationResponseError, ClientError, ResponseBodyError } =
    await import('openid-client');
  if (error instanceof AuthorizationResponseError) {
    return new ProblemError(
      'sign-in-failed',
      `The identity provider refused: ${cleanCode(error.error)}. Begin again at /login.`,
    );
  }
  if (error instanceof ResponseBodyError && error.status < 500) {
    return new ProblemError(
      'sign-in-failed',
      'The identity provider did not take the code. Begin again at /login.',
    );
  }
  if (error instanceof ClientError && error.code === 'OAUTH_INVALID_RESPONSE') {
    return new ProblemError(
      'sign-in-failed',
      'The identity provider’s answer is not one to this sign-in. Begin again at /login.',
    );
  }
  return Object.assign(
    new ProblemError(
      'provider-failed',
      'The identity provider cannot be reached, or answered what it should not. Try again later.',
    ),
    { cause: error },
  );
}

/** An error code as OAuth has it; what else a stranger put into the address is not repeated. */
function cleanCode(code: string): string {
  return /^[a-z_]{1,40}$/.test(code) ? code : 'unknown error';
}
