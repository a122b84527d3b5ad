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
    'Where the documentation, the panel and the API answer. Default: the port of this machine.',
  ),
  RUN_ORIGIN: url(
    'Where handlers answer. Default: the port after it, at `127.0.0.1`, whose cookies are not those of `localhost`.',
  ),
  DOCS_ORIGIN: url('Where the documentation is, for links in problems. Default: `WEB_ORIGIN`.'),
  ALLOWED_ORIGINS: list(
    'More origins whose pages may use a session, parted by commas, such as the panel on a host of its own.',
  ),
  DATA_DIR: textOr('.trisiel', 'Where the embedded database, the modules and the key live.'),
  DATABASE_URL: matching(
    /^postgres(ql)?:\/\//,
    'PostgreSQL 15 or later. Default: PGlite, embedded, in `DATA_DIR`.',
  ),
  DATABASE_POOL: whole('Connections to PostgreSQL of one process.', 10, 1, 200),
  S3_ENDPOINT: url(
    'An object store that speaks the S3 API, such as `https://s3.us-west-004.backblazeb2.com`. Default: files in `DATA_DIR`.',
  ),
  S3_REGION: textOr('us-east-1', 'Its region, such as `us-west-004`.'),
  S3_BUCKET: text('The bucket. Needed with `S3_ENDPOINT`.'),
  S3_ACCESS_KEY_ID: text('The key’s id. Needed with `S3_ENDPOINT`.'),
  S3_SECRET_ACCESS_KEY: text('The key. Needed with `S3_ENDPOINT`.'),
  SECRET_KEYS: keys(
    'Keys that values at rest are sealed with: 32 bytes each in base64, parted by commas; the first seals, all open. Default: made at first start, in `DATA_DIR`.',
  ),
  OIDC_ISSUER: url(
    'The OpenID Connect issuer that people sign in with; with or without the final slash is the same. Default: a local one, for this machine alone.',
  ),
  OIDC_CLIENT_ID: text('The client id that the issuer gave. Needed with `OIDC_ISSUER`.'),
  OIDC_CLIENT_SECRET: {
    ...text('The client secret that the issuer gave. Needed with `OIDC_ISSUER`.'),
    isWebOnly: true,
  },
  OIDC_CLIENT_AUTHENTICATION: choice(
    ['client_secret_post', 'client_secret_basic'],
    'How the client sends its secret to the token endpoint: in the body or in the `Authorization` header. Default: in the body, unless the issuer’s metadata lists the header alone.',
  ),
  OIDC_SCOPE: {
    ...matching(
      /(^| )openid( |$)/,
      'What is asked for, `openid` among it: the ID token is needed.',
    ),
    default: 'openid profile email',
  },
  OIDC_AUTHORIZATION_ENDPOINT: url(
    'For an issuer without discovery, such as an old Gitea: `…/login/oauth/authorize`.',
  ),
  OIDC_TOKEN_ENDPOINT: url('For an issuer without discovery: `…/login/oauth/access_token`.'),
  OIDC_USERINFO_ENDPOINT: url('For an issuer without discovery: `…/login/oauth/userinfo`.'),
  ADMINS: list(
    'Who administers, from the sign-in on, parted by commas: user names, or `sub:` and the issuer’s subject. Whoever is taken out administers no more, soon after the start. Default: `admin` with the local issuer, else none.',
  ),
  TRUST_PROXY: flag(
    'Whether a proxy in front gives the caller’s address, last in `X-Forwarded-For`. What stands before it is the caller’s own word and is not believed.',
  ),
  METRICS_TOKEN: matching(
    /^.{16,}$/s,
    'A bearer token that `/metrics` asks for, of 16 characters or more. Without it, only this machine may ask.',
  ),
  LOG_LEVEL: choice(
    ['silent', 'error', 'warn', 'info', 'debug'],
    'How much is logged. Default: `warn` with the embedded database, else `info`.',
  ),
  REQUESTS_PER_MINUTE: whole(
    'Requests that one address may make in a minute, signed in or not. Each process counts for itself.',
    1200,
    1,
    1_000_000,
  ),
  LISTEN_HOST: textOr(
    '127.0.0.1',
    'The address that ports are opened on. `127.0.0.1` is this machine alone; a container needs `0.0.0.0`.',
  ),
  GUEST_MEMORY_PAGES: whole(
    'Memory that all guests of one executor process may have together, in pages of 64 KiB.',
    16_384,
    16,
    1_000_000,
  ),
  GUEST_PROCESS_MEMORY_MB: whole(
    'Memory of one guest process in MiB: all guests in it, and the server’s own. Allocations past it fail; a process that still goes past it is replaced.',
    3072,
    512,
    1_000_000,
  ),
  RUN_QUEUE: whole('Runs of one executor process that may wait for memory.', 1024, 0, 1_000_000),
  JOURNAL_SYNC: {
    ...choice(
      ['interval', 'always'],
      'When the journal of runs is synced to the disk: twice a second, which outlives a killed process, or before each answer, which outlives a power cut.',
    ),
    default: 'interval',
  },
  KEEP_DAYS: whole(
    'Days that runs, asynchronous calls, deleted handlers, and ended sessions and tokens are kept. 0 keeps them for ever.',
    30,
    0,
    36_500,
  ),
  PROBATION_RUNS: whole(
    'Runs of a new version in the probation process of its owner, before it runs with those of others. 0 turns probation off.',
    20,
    0,
    1_000_000,
  ),
  PROBATION_PROCESS_MEMORY_MB: whole(
    'Memory of one probation process in MiB. A version whose run takes its process past it is quarantined.',
    1024,
    256,
    1_000_000,
  ),
  PROBATION_PROCESSES: whole(
    'Probation processes of one machine. Owners take turns if there are more of them.',
    8,
    1,
    1000,
  ),
  QUARANTINE_HOURS: whole(
    'Hours after which a version that harmed its process gets a new trial. They double with each quarantine, four times.',
    24,
    1,
    8760,
  ),
  UPLOAD_CHECK_MS: whole(
    'Milliseconds of CPU that each step of checking a module may take: reading it, and each of the engine’s two compilers. On the clock, four times as long.',
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
