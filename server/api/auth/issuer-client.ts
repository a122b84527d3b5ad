/** The OpenID Connect client: discovery of the issuer, client authentication, and the exchange of a code. */
import type * as oidc from 'openid-client';
import type { IssuerSettings } from '../../config.ts';

/** Timeout of each request, unless the issuer's settings say otherwise. */
const TIMEOUT_SECONDS = 10;

/**
 * Accepted algorithms of ID tokens, for an issuer without discovery. ID tokens come directly from the token endpoint, so
 * TLS authenticates them (OpenID Connect Core, section 3.1.3.7), and the algorithm is only checked for plausibility.
 */
const SIGNING_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'];

export interface SignInChecks {
  readonly state: string;
  readonly verifier: string;
  readonly nonce: string;
}

export class IssuerClient {
  readonly #settings: IssuerSettings;
  #metadata: Promise<oidc.ServerMetadata> | undefined;

  constructor(settings: IssuerSettings) {
    this.#settings = settings;
  }

  /** @param parameters except `client_id` and `response_type`, which are added */
  async authorizationUrl(parameters: Readonly<Record<string, string>>): Promise<URL> {
    const { buildAuthorizationUrl } = await import('openid-client');
    return buildAuthorizationUrl(await this.#configure(await this.#connect()), parameters);
  }

  /**
   * Exchanges the authorization code for the user's claims.
   * @param callback the complete URL of the redirect from the issuer
   */
  async identify(callback: URL, checks: SignInChecks): Promise<oidc.UserInfoResponse> {
    const { fetchUserInfo } = await import('openid-client');
    const metadata = await this.#connect();
    const tokens = await this.#exchange(metadata, callback, checks);
    const subject = tokens.claims()?.sub ?? '';
    return fetchUserInfo(await this.#configure(metadata), tokens.access_token, subject);
  }

  /**
   * Issuers differ in whether their identifier ends with a slash, and the library compares `iss` exactly. If only that
   * differs, the response is checked again with the other spelling. It is kept for that, because a code is valid only once.
   */
  async #exchange(
    metadata: oidc.ServerMetadata,
    callback: URL,
    { state, verifier, nonce }: SignInChecks,
  ): Promise<Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>> {
    const openid = await import('openid-client');
    let answer: Promise<Response> | undefined;
    const exchangeAs = async (issuer: string) => {
      const client = await this.#configure({ ...metadata, issuer });
      client[openid.customFetch] = async (url, options) => {
        // The library passes the form of a token request as URLSearchParams or as a string.
        const { body: form } = options;
        const body =
          form instanceof URLSearchParams || typeof form === 'string'
            ? new URLSearchParams(form)
            : null;
        answer ??= fetch(url, { ...options, body, signal: options.signal ?? null });
        return (await answer).clone();
      };
      const expected = {
        expectedState: state,
        pkceCodeVerifier: verifier,
        expectedNonce: nonce,
        idTokenExpected: true,
      };
      return openid.authorizationCodeGrant(client, callback, expected);
    };
    try {
      return await exchangeAs(metadata.issuer);
    } catch (error) {
      const other = spellings(metadata.issuer).find((each) => each !== metadata.issuer);
      if (other === undefined || !isOtherIssuer(error, metadata.issuer)) throw error;
      return exchangeAs(other);
    }
  }

  #connect(): Promise<oidc.ServerMetadata> {
    this.#metadata ??= this.#readMetadata().catch((error: unknown) => {
      this.#metadata = undefined;
      throw error;
    });
    return this.#metadata;
  }

  async #readMetadata(): Promise<oidc.ServerMetadata> {
    const { allowInsecureRequests, discovery } = await import('openid-client');
    const { issuer, clientId, endpoints } = this.#settings;
    if (endpoints !== undefined) {
      return {
        issuer,
        authorization_endpoint: endpoints.authorization,
        token_endpoint: endpoints.token,
        userinfo_endpoint: endpoints.userinfo,
        id_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
      };
    }
    const [base] = spellings(issuer);
    // If given the complete URL, the library does not compare the issuer; the code below does.
    const address = new URL(`${base}/.well-known/openid-configuration`);
    const found = await discovery(address, clientId, undefined, undefined, {
      timeout: this.#settings.timeoutSeconds ?? TIMEOUT_SECONDS,
      execute: this.#isPlain() ? [allowInsecureRequests] : [],
    });
    const metadata = { ...found.serverMetadata() };
    if (!spellings(issuer).includes(metadata.issuer)) {
      throw new IssuerMismatchError(issuer, metadata.issuer);
    }
    return metadata;
  }

  /** Each exchange has a separate client, because each has its own `fetch`. */
  async #configure(metadata: oidc.ServerMetadata): Promise<oidc.Configuration> {
    const { allowInsecureRequests, ClientSecretBasic, ClientSecretPost, Configuration } =
      await import('openid-client');
    const { clientId, clientSecret } = this.#settings;
    const authenticate =
      this.#authentication(metadata) === 'client_secret_basic'
        ? ClientSecretBasic(clientSecret)
        : ClientSecretPost(clientSecret);
    const client = new Configuration(metadata, clientId, undefined, authenticate);
    client.timeout = this.#settings.timeoutSeconds ?? TIMEOUT_SECONDS;
    if (this.#isPlain()) allowInsecureRequests(client);
    return client;
  }

  /**
   * Prefers credentials in the body, although OpenID Connect's default is the header: issuers such as Gitea do not decode
   * the percent-encoding of the header (RFC 6749, section 2.3.1).
   */
  #authentication(metadata: oidc.ServerMetadata): NonNullable<IssuerSettings['authentication']> {
    const { authentication } = this.#settings;
    if (authentication !== undefined) return authentication;
    const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_post'];
    return methods.includes('client_secret_post') || !methods.includes('client_secret_basic')
      ? 'client_secret_post'
      : 'client_secret_basic';
  }

  /** Plain HTTP is allowed for an issuer on this machine or in a private network. */
  #isPlain(): boolean {
    return this.#settings.issuer.startsWith('http:');
  }
}

/** The issuer's metadata names another issuer. */
export class IssuerMismatchError extends Error {
  constructor(expected: string, found: string) {
    super(`its metadata names the issuer ${JSON.stringify(found)}, but OIDC_ISSUER is ${expected}`);
    this.name = 'IssuerMismatchError';
  }
}

/** Both spellings of an issuer: without and with a final slash. */
export function spellings(issuer: string): readonly [string, string] {
  const base = issuer.replace(/\/$/, '');
  return [base, `${base}/`];
}

/**
 * Returns whether a response was rejected only because it names an issuer other than `expected`. The library throws an
 * error with a cause: `{ claim }` for a claim of the ID token, `{ expected, parameters }` for a parameter of the callback.
 */
function isOtherIssuer(error: unknown, expected: string): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('claim' in error) return error.claim === 'iss';
  if ('parameters' in error && 'expected' in error) return error.expected === expected;
  return 'cause' in error && isOtherIssuer(error.cause, expected);
}
