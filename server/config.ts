/** The configuration: the settings of the environment, read once and checked. */
import { join } from 'node:path';
import { ConfigError, readSettings } from './read-settings.ts';
import type { SettingName, SettingValues } from './settings.ts';

const MEGABYTE = 1024 ** 2;

export interface S3Settings {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** An issuer; with `endpoints`, one that has no discovery document. */
export interface IssuerSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  /** Timeout of a request to it; default 10. */
  readonly timeoutSeconds?: number;
  /** How the client authenticates to the token endpoint. Undefined: chosen by the issuer's metadata. */
  readonly authentication?: 'client_secret_post' | 'client_secret_basic' | undefined;
  readonly endpoints?: {
    readonly authorization: string;
    readonly token: string;
    readonly userinfo: string;
  };
}

/** Settings that the configuration contains in another form, below. */
type Converted =
  | 'webOrigin'
  | 'runOrigin'
  | 'docsOrigin'
  | 'allowedOrigins'
  | 'admins'
  | 'logLevel'
  | 'guestProcessMemoryMb'
  | 'probationProcessMemoryMb'
  | `s3${string}`
  | `oidc${string}`;

/** The settings, and values derived from several of them. */
export interface Config extends Omit<SettingValues, Converted> {
  /** Such as `https://api.trisiel.com`, without a path. */
  readonly webOrigin: string;
  readonly runOrigin: string;
  readonly docsOrigin: string;
  /** Origins of pages that may use a session, including `webOrigin`. */
  readonly allowedOrigins: readonly string[];
  readonly s3: S3Settings | undefined;
  /** Undefined: the embedded local issuer. */
  readonly issuer: IssuerSettings | undefined;
  readonly admins: readonly string[];
  readonly logLevel: NonNullable<SettingValues['logLevel']>;
  readonly probationProcessBytes: number;
  /** Memory of one executor process. */
  readonly guestProcessBytes: number;
}

export interface Ports {
  readonly web: number;
  readonly run: number;
}

/** Reads the settings. Throws a {@link ConfigError}. An empty variable counts as unset. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  ports: Ports,
): Config {
  const values = readSettings(env);
  const webOrigin = originOf('WEB_ORIGIN', values.webOrigin ?? `http://localhost:${ports.web}`);
  const issuer = readIssuer(values);
  if (issuer === undefined && !isLoopback(webOrigin)) {
    throw new ConfigError(
      'OIDC_ISSUER is not set, and WEB_ORIGIN is not this machine: the local issuer asks for no password. Set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.',
    );
  }
  const otherOrigins = values.allowedOrigins ?? [];
  return {
    ...values,
    webOrigin,
    runOrigin: originOf('RUN_ORIGIN', values.runOrigin ?? homeRunOrigin(webOrigin, ports.run)),
    docsOrigin: originOf('DOCS_ORIGIN', values.docsOrigin ?? webOrigin),
    allowedOrigins: [webOrigin, ...otherOrigins.map((each) => originOf('ALLOWED_ORIGINS', each))],
    s3: readS3(values),
    issuer,
    admins: values.admins ?? (issuer === undefined ? ['admin'] : []),
    logLevel: values.logLevel ?? (values.databaseUrl === undefined ? 'warn' : 'info'),
    probationProcessBytes: values.probationProcessMemoryMb * MEGABYTE,
    guestProcessBytes: values.guestProcessMemoryMb * MEGABYTE,
  };
}

/** Returns the paths of the embedded database, the modules, the key file, and the journals of runs. */
export function dataPaths(
  config: Pick<Config, 'dataDir'>,
): Record<'database' | 'modules' | 'key' | 'runs', string> {
  return {
    database: join(config.dataDir, 'database'),
    modules: join(config.dataDir, 'modules'),
    key: join(config.dataDir, 'secret.key'),
    runs: join(config.dataDir, 'runs'),
  };
}

function readS3(values: SettingValues): S3Settings | undefined {
  const { s3Endpoint, s3Region } = values;
  if (s3Endpoint === undefined) return undefined;
  return {
    endpoint: s3Endpoint.replace(/\/+$/, ''),
    region: s3Region,
    bucket: need('S3_BUCKET', values.s3Bucket, 'S3_ENDPOINT'),
    accessKeyId: need('S3_ACCESS_KEY_ID', values.s3AccessKeyId, 'S3_ENDPOINT'),
    secretAccessKey: need('S3_SECRET_ACCESS_KEY', values.s3SecretAccessKey, 'S3_ENDPOINT'),
  };
}

function readIssuer(values: SettingValues): IssuerSettings | undefined {
  if (values.oidcIssuer === undefined) return undefined;
  const base = {
    issuer: values.oidcIssuer,
    clientId: need('OIDC_CLIENT_ID', values.oidcClientId, 'OIDC_ISSUER'),
    clientSecret: need('OIDC_CLIENT_SECRET', values.oidcClientSecret, 'OIDC_ISSUER'),
    scope: values.oidcScope,
    authentication: values.oidcClientAuthentication,
  };
  const authorization = values.oidcAuthorizationEndpoint;
  if (authorization === undefined) return base;
  const because = 'OIDC_AUTHORIZATION_ENDPOINT';
  return {
    ...base,
    endpoints: {
      authorization,
      token: need('OIDC_TOKEN_ENDPOINT', values.oidcTokenEndpoint, because),
      userinfo: need('OIDC_USERINFO_ENDPOINT', values.oidcUserinfoEndpoint, because),
    },
  };
}

function need(name: SettingName, value: string | undefined, because: SettingName): string {
  if (value !== undefined) return value;
  throw new ConfigError(`${name} is not set, and ${because} needs it.`);
}

function originOf(name: SettingName, value: string): string {
  const parsed = URL.parse(value);
  if (parsed === null || (parsed.pathname !== '/' && parsed.pathname !== '')) {
    throw new ConfigError(
      `${name} must be an origin, such as https://api.example.org, without a path.`,
    );
  }
  return parsed.origin;
}

/** Must not have the host of the panel: cookies ignore ports, so a handler's page could set a session cookie. */
function homeRunOrigin(webOrigin: string, port: number): string {
  const host = new URL(webOrigin).hostname === '127.0.0.1' ? 'localhost' : '127.0.0.1';
  return `http://${host}:${port}`;
}

function isLoopback(origin: string): boolean {
  return isLoopbackName(new URL(origin).hostname);
}

/** Whether a host is this machine, by its name; an IPv6 address in brackets. */
export function isLoopbackName(hostname: string): boolean {
  return (
    /(^|\.)localhost$/.test(hostname) ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}
