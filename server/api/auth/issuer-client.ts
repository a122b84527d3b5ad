/** The client of the OpenID Connect issuer: its metadata, how the client authenticates, and the exchange of a code. */
import type * as oidc from 'openid-client';
import type { IssuerSettings } from '../../config.ts';

/** Timeout of each request, unless the issuer's settings say otherwise. */
const TIMEOUT_SECONDS = 10;

/**
 * Algorithms of ID tokens, for an issuer that publishes no list. An ID token comes straight from the token endpoint, so
 * TLS vouches for it (OpenID Connect Core, section 3.1.3.7), and the algorithm is only checked for plausibility.
 */
const SIGNING_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'];

export interface Checks {
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

  /** @param parameters without `client_id` and `response_type` */
  async authorizationUrl(parameters: Readonly<Record<string, string>>): Promise<URL> {
    const { buildAuthorizationUrl } = await import('openid-client');
    return buildAuthorizationUrl(await this.#configure(await this.#connect()), parameters);
  }

  /**
   * Gives a code up for what the issuer says about its user.
   * @param callback the address that the issuer sent the browser to
   */
  async identify(callback: URL, checks: Checks): Promise<oidc.UserInfoResponse> {
    const { fetchUserInfo } = await import('openid-client');
    const metadata = await this.#connect();
    const tokens = await this.#exchange(metadata, callback, checks);
    const subject = tokens.claims()?.sub ?? '';
    return fetchUserInfo(await this.#configure(metadata), tokens.access_token, subject);
  }

  /**
   * Issuers differ in whether the final slash belongs to their name, and an ID token's `iss` is compared to the letter.
   * A code is good for one request, so the second comparison reads the same answer again.
   */
  async #exchange(
    metadata: oidc.ServerMetadata,
    callback: URL,
    { state, verifier, nonce }: Checks,
  ): Promise<Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>> {
    const openid = await import('openid-client');
    let answer: Promise<Response> | undefined;
    const exchangeAs = async (issuer: string) => {
      const client = await this.#configure({ ...metadata, issuer });
      client[openid.customFetch] = async (url, options) => {
        // A token request is a form, whose parameters the library gives as such or as text.
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
      if (other === undefined || !isOtherIssuer(error)) throw error;
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
    // With the whole address the library leaves the comparison of the issuer to its caller.
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

  /** A client of its own for each exchange, since each has its own `fetch`. */
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
   * By default in the body, although OpenID Connect's default is the header: issuers such as Gitea do not decode what the
   * header has percent-encoded (RFC 6749, section 2.3.1).
   */
  #authentication(metadata: oidc.ServerMetadata): NonNullable<IssuerSettings['authentication']> {
    const { authentication } = this.#settings;
    if (authentication !== undefined) return authentication;
    const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_post'];
    return methods.includes('client_secret_post') || !methods.includes('client_secret_basic')
      ? 'client_secret_post'
      : 'client_secret_basic';
  }

  /** Plain http is for an issuer of this machine, or of a private network. */
  #isPlain(): boolean {
    return this.#settings.issuer.startsWith('http:');
  }
}

/** The issuer's metadata names another issuer. */
export class IssuerMismatchError extends Error {
  constructor(expected: string, found: string) {
    super(`its metadata names the issuer ${JSON.stringify(found)}, and OIDC_ISSUER is ${expected}`);
    this.name = 'IssuerMismatchError';
  }
}

/** Both spellings of an issuer: without the final slash, and with it. */
export function spellings(issuer: string): readonly [string, string] {
  const base = issuer.replace(/\/$/, '');
  return [base, `${base}/`];
}

/** Whether all that an answer was refused for is the issuer that it names. */
function isOtherIssuer(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('claim' in error) return error.claim === 'iss';
  if (error instanceof Error && error.message.includes('"iss" (issuer) response parameter'))
    return true;
  return 'cause' in error && isOtherIssuer(error.cause);
}
