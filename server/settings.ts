/** All settings, one row each: what the server reads from the environment, and what the documentation lists. */
import {
  choice,
  flag,
  keys,
  list,
  matching,
  text,
  textOr,
  url,
  whole,
  type DefaultedSetting,
  type Setting,
} from './setting-kinds.ts';

export const SETTINGS = {
  WEB_ORIGIN: url(
    'Origin of the documentation, the panel and the API. Default: `http://localhost` with `PORT`.',
  ),
  RUN_ORIGIN: url(
    'Origin of the handlers. Default: `http://127.0.0.1` with `RUN_PORT`. Cookies of `localhost` are not sent to `127.0.0.1`.',
  ),
  DOCS_ORIGIN: url('Origin of the documentation, for links in problems. Default: `WEB_ORIGIN`.'),
  ALLOWED_ORIGINS: list(
    'More origins whose pages may use the session, separated by commas, such as a panel on another host.',
  ),
  DATA_DIR: textOr(
    '.trisiel',
    'Folder of the embedded database, the modules, the journals and the secret key.',
  ),
  DATABASE_URL: matching(
    /^postgres(ql)?:\/\//,
    'Connection URL of PostgreSQL 15 or later. Default: the embedded database (PGlite) in `DATA_DIR`.',
  ),
  DATABASE_POOL: whole('Connections to PostgreSQL per process.', 10, 1, 200),
  S3_ENDPOINT: url(
    'URL of an object store with the S3 API, such as `https://s3.us-west-004.backblazeb2.com`. Default: files in `DATA_DIR`.',
  ),
  S3_REGION: textOr('us-east-1', 'Region of the object store, such as `us-west-004`.'),
  S3_BUCKET: text('Name of the bucket. Required with `S3_ENDPOINT`.'),
  S3_ACCESS_KEY_ID: text('Id of the access key. Required with `S3_ENDPOINT`.'),
  S3_SECRET_ACCESS_KEY: text('Secret of the access key. Required with `S3_ENDPOINT`.'),
  SECRET_KEYS: keys(
    'Keys that encrypt stored secrets: 32 bytes each in base64, separated by commas. The first one encrypts, all of them decrypt. Default: a key that the first start creates in `DATA_DIR`.',
  ),
  OIDC_ISSUER: url(
    'The OpenID Connect issuer for sign-in. Default: a built-in issuer without passwords, for this machine only.',
  ),
  OIDC_CLIENT_ID: text('Client id from the issuer. Required with `OIDC_ISSUER`.'),
  OIDC_CLIENT_SECRET: {
    ...text('Client secret from the issuer. Required with `OIDC_ISSUER`.'),
    isWebOnly: true,
  },
  OIDC_CLIENT_AUTHENTICATION: choice(
    ['client_secret_post', 'client_secret_basic'],
    'How the client sends its secret to the token endpoint: in the body or in the `Authorization` header. Default: in the body, unless the issuer’s metadata lists only the header.',
  ),
  OIDC_SCOPE: {
    ...matching(
      /(^| )openid( |$)/,
      'Scopes requested from the issuer, separated by spaces. They must include `openid`.',
    ),
    default: 'openid profile email',
  },
  OIDC_AUTHORIZATION_ENDPOINT: url(
    'Authorization endpoint of an issuer without discovery; for an old Gitea `…/login/oauth/authorize`.',
  ),
  OIDC_TOKEN_ENDPOINT: url(
    'Token endpoint of an issuer without discovery; for Gitea `…/login/oauth/access_token`.',
  ),
  OIDC_USERINFO_ENDPOINT: url(
    'User-info endpoint of an issuer without discovery; for Gitea `…/login/oauth/userinfo`.',
  ),
  ADMINS: list(
    'Administrators, separated by commas: user names, or `sub:` and the subject from the issuer. They get their rights when they sign in. Whoever is removed from the list loses them soon after the next start. Default: `admin` with the built-in issuer, else nobody.',
  ),
  TRUST_PROXY: flag(
    'Takes the caller’s address from the last entry of `X-Forwarded-For`, which a proxy in front of the server sets. Earlier entries come from the caller and are ignored.',
  ),
  METRICS_TOKEN: matching(
    /^.{16,}$/s,
    'Bearer token required for `/metrics`, of at least 16 characters. Without it, `/metrics` is available from this machine only.',
  ),
  LOG_LEVEL: choice(
    ['silent', 'error', 'warn', 'info', 'debug'],
    'Lowest level that is logged. Default: `warn` with the embedded database, else `info`.',
  ),
  REQUESTS_PER_MINUTE: whole(
    'API requests per minute from one address, signed in or not. Counted per process.',
    1200,
    1,
    1_000_000,
  ),
  LISTEN_HOST: textOr(
    '127.0.0.1',
    'The address on which the server listens. `127.0.0.1` accepts connections from this machine only; a container needs `0.0.0.0`.',
  ),
  GUEST_MEMORY_PAGES: whole(
    'Memory of all guests of an executor process together, in pages of 64 KiB.',
    16_384,
    16,
    1_000_000,
  ),
  GUEST_PROCESS_MEMORY_MB: whole(
    'Memory of an executor process in MiB, including all its guests. Above it, allocations fail; a process that still exceeds it is replaced.',
    3072,
    512,
    1_000_000,
  ),
  RUN_QUEUE: whole('Runs of an executor process that may wait for memory.', 1024, 0, 1_000_000),
  JOURNAL_SYNC: {
    ...choice(
      ['interval', 'always'],
      'When the journal of executions is synced to disk: `interval`, twice a second, which is safe if a process is killed; or `always`, before each response, which is safe in a power failure too.',
    ),
    default: 'interval',
  },
  KEEP_DAYS: whole(
    'Days for which executions, asynchronous calls, deleted handlers, and ended sessions and tokens are kept. 0 keeps them forever.',
    30,
    0,
    36_500,
  ),
  PROBATION_RUNS: whole(
    'Runs of a new version in the probation process of its owner before it is trusted. 0 disables probation.',
    20,
    0,
    1_000_000,
  ),
  PROBATION_PROCESS_MEMORY_MB: whole(
    'Memory of a probation process in MiB. If the process exceeds it, the versions running in it are quarantined.',
    1024,
    256,
    1_000_000,
  ),
  PROBATION_PROCESSES: whole(
    'Probation processes per machine. If more owners need one, they take turns.',
    8,
    1,
    1000,
  ),
  QUARANTINE_HOURS: whole(
    'Hours until a quarantined version gets a new trial. They double with each further quarantine, up to sixteen times the value.',
    24,
    1,
    8760,
  ),
  UPLOAD_CHECK_MS: whole(
    'CPU time in milliseconds for each step of an upload check: reading the module, and each of the engine’s two compilers. The limit on the wall clock is four times as long.',
    10_000,
    100,
    120_000,
  ),
};

export type SettingName = keyof typeof SETTINGS;

type CamelCase<S extends string> = S extends `${infer Head}_${infer Rest}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<S>;

type ValueOf<S> =
  S extends DefaultedSetting<infer T> ? T : S extends Setting<infer T> ? T | undefined : never;

/** The values of all settings. */
export type SettingValues = {
  readonly [Name in SettingName as CamelCase<Name>]: ValueOf<(typeof SETTINGS)[Name]>;
};
