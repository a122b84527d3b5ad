/** The configuration: the settings of the environment, read once and checked. */
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { join } from 'node:path';
import { SETTINGS } from './settings.ts';

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
  /** How the client names itself to the token endpoint. Undefined: as the issuer's metadata allows. */
  readonly authentication?: 'client_secret_post' | 'client_secret_basic' | undefined;
  readonly endpoints?: {
    readonly authorization: string;
    readonly token: string;
    readonly userinfo: string;
  };
}

export interface Config {
  /** Such as `https://api.trisiel.com`, without a path. */
  readonly webOrigin: string;
  readonly runOrigin: string;
  readonly docsOrigin: string;
  /** Of pages that may use a session; `webOrigin` among them. */
  readonly allowedOrigins: readonly string[];
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly databasePool: number;
  readonly s3: S3Settings | undefined;
  /** 32 bytes each; undefined: kept in a file of `dataDir`. */
  readonly secretKeys: readonly Buffer[] | undefined;
  /** Undefined: the embedded local issuer. */
  readonly issuer: IssuerSettings | undefined;
  readonly admins: readonly string[];
  readonly trustProxy: boolean;
  readonly metricsToken: string | undefined;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  readonly requestsPerMinute: number;
  readonly uploadCheckMs: number;
  /** 0: for ever. */
  readonly keepDays: number;
  readonly listenHost: string;
  /** 0: there is no probation. */
  readonly probationRuns: number;
  readonly probationProcesses: number;
  readonly probationProcessBytes: number;
  readonly quarantineHours: number;
  readonly guestMemoryPages: number;
  /** Memory of one guest process. */
  readonly guestProcessBytes: number;
  readonly runQueue: number;
  readonly journalSync: 'interval' | 'always';
}

/** An invalid setting, described by a sentence that names it. The value is not repeated: it may be a secret. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

export interface Ports {
  readonly web: number;
  readonly run: number;
}

const settings = Compile(SETTINGS);

/** Reads the settings. Throws a {@link ConfigError}. An empty variable counts as one that is not set. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  ports: Ports,
): Config {
  const known: Record<string, string> = {};
  for (const name of Object.keys(SETTINGS.properties)) {
    const value = env[name];
    if (value !== undefined && value !== '') known[name] = value;
  }
  if (!settings.Check(known)) {
    const name = settings.Errors(known)[0]?.instancePath.slice(1) ?? '';
    throw new ConfigError(`${name} is not as it should be. ${describe(name)}`);
  }
  const webOrigin = originOf('WEB_ORIGIN', known.WEB_ORIGIN ?? `http://localhost:${ports.web}`);
  const issuer = readIssuer(known);
  if (issuer === undefined && !isLoopback(webOrigin)) {
    throw new ConfigError(
      'OIDC_ISSUER is not set, and WEB_ORIGIN is not this machine: the local issuer asks for no password. Set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.',
    );
  }
  const level = known.LOG_LEVEL;
  return {
    webOrigin,
    runOrigin: originOf('RUN_ORIGIN', known.RUN_ORIGIN ?? homeRunOrigin(webOrigin, ports.run)),
    docsOrigin: originOf('DOCS_ORIGIN', known.DOCS_ORIGIN ?? webOrigin),
    allowedOrigins: [
      webOrigin,
      ...list(known.ALLOWED_ORIGINS).map((each) => originOf('ALLOWED_ORIGINS', each)),
    ],
    dataDir: known.DATA_DIR ?? '.trisiel',
    databaseUrl: known.DATABASE_URL,
    databasePool: number('DATABASE_POOL', known.DATABASE_POOL),
    s3: readS3(known),
    secretKeys:
      known.SECRET_KEYS === undefined
        ? undefined
        : list(known.SECRET_KEYS).map((key) => Buffer.from(key, 'base64')),
    issuer,
    admins: known.ADMINS === undefined && issuer === undefined ? ['admin'] : list(known.ADMINS),
    trustProxy: known.TRUST_PROXY === 'true',
    metricsToken: known.METRICS_TOKEN,
    logLevel: level ?? (known.DATABASE_URL === undefined ? 'warn' : 'info'),
    requestsPerMinute: number('REQUESTS_PER_MINUTE', known.REQUESTS_PER_MINUTE),
    uploadCheckMs: number('UPLOAD_CHECK_MS', known.UPLOAD_CHECK_MS),
    keepDays: number('KEEP_DAYS', known.KEEP_DAYS),
    listenHost: known.LISTEN_HOST ?? '127.0.0.1',
    probationRuns: number('PROBATION_RUNS', known.PROBATION_RUNS),
    probationProcesses: number('PROBATION_PROCESSES', known.PROBATION_PROCESSES),
    probationProcessBytes:
      number('PROBATION_PROCESS_MEMORY_MB', known.PROBATION_PROCESS_MEMORY_MB) * 1024 ** 2,
    quarantineHours: number('QUARANTINE_HOURS', known.QUARANTINE_HOURS),
    guestMemoryPages: number('GUEST_MEMORY_PAGES', known.GUEST_MEMORY_PAGES),
    guestProcessBytes: number('GUEST_PROCESS_MEMORY_MB', known.GUEST_PROCESS_MEMORY_MB) * 1024 ** 2,
    runQueue: number('RUN_QUEUE', known.RUN_QUEUE),
    journalSync: known.JOURNAL_SYNC ?? 'interval',
  };
}

/** The embedded database's folder, the modules', the key's file, and the journals of runs. */
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

type Known = Static<typeof SETTINGS>;

function readS3(known: Known): S3Settings | undefined {
  if (known.S3_ENDPOINT === undefined) return undefined;
  return {
    endpoint: known.S3_ENDPOINT.replace(/\/+$/, ''),
    region: known.S3_REGION ?? 'us-east-1',
    bucket: need('S3_BUCKET', known.S3_BUCKET, 'S3_ENDPOINT'),
    accessKeyId: need('S3_ACCESS_KEY_ID', known.S3_ACCESS_KEY_ID, 'S3_ENDPOINT'),
    secretAccessKey: need('S3_SECRET_ACCESS_KEY', known.S3_SECRET_ACCESS_KEY, 'S3_ENDPOINT'),
  };
}

function readIssuer(known: Known): IssuerSettings | undefined {
  if (known.OIDC_ISSUER === undefined) return undefined;
  const base = {
    issuer: known.OIDC_ISSUER,
    clientId: need('OIDC_CLIENT_ID', known.OIDC_CLIENT_ID, 'OIDC_ISSUER'),
    clientSecret: need('OIDC_CLIENT_SECRET', known.OIDC_CLIENT_SECRET, 'OIDC_ISSUER'),
    scope: known.OIDC_SCOPE ?? 'openid profile email',
    authentication: known.OIDC_CLIENT_AUTHENTICATION,
  };
  const authorization = known.OIDC_AUTHORIZATION_ENDPOINT;
  if (authorization === undefined) return base;
  const because = 'OIDC_AUTHORIZATION_ENDPOINT';
  return {
    ...base,
    endpoints: {
      authorization,
      token: need('OIDC_TOKEN_ENDPOINT', known.OIDC_TOKEN_ENDPOINT, because),
      userinfo: need('OIDC_USERINFO_ENDPOINT', known.OIDC_USERINFO_ENDPOINT, because),
    },
  };
}

function need(name: string, value: string | undefined, because: string): string {
  if (value !== undefined) return value;
  throw new ConfigError(`${name} is not set, and ${because} needs it.`);
}

function list(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function number(name: string, value: string | undefined): number {
  const { minimum, maximum, default: otherwise } = boundsOf(name);
  const found = Number(value ?? otherwise);
  if (found >= minimum && found <= maximum) return found;
  throw new ConfigError(`${name} is ${found}; it may be from ${minimum} to ${maximum}.`);
}

function boundsOf(name: string): { minimum: number; maximum: number; default: string } {
  const schema: object =
    Object.entries(SETTINGS.properties).find(([key]) => key === name)?.[1] ?? {};
  const of = (key: string): unknown => Object.entries(schema).find(([name]) => name === key)?.[1];
  return {
    minimum: Number(of('minimum')),
    maximum: Number(of('maximum')),
    default: String(of('default')),
  };
}

function describe(name: string): string {
  const schema = Object.entries(SETTINGS.properties).find(([key]) => key === name)?.[1];
  return schema !== undefined && 'description' in schema ? String(schema.description) : '';
}

function originOf(name: string, value: string): string {
  const parsed = URL.parse(value);
  if (parsed === null || (parsed.pathname !== '/' && parsed.pathname !== '')) {
    throw new ConfigError(
      `${name} must be an origin, such as https://api.example.org, without a path.`,
    );
  }
  return parsed.origin;
}

/** Not the host of the panel: cookies know no ports, and a handler's page could plant a session. */
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
