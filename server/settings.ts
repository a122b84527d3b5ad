/** All settings in one schema: read once from the environment, and rendered in the documentation. */
import { Type } from 'typebox';

const url = (description: string) =>
  Type.Optional(Type.String({ description, pattern: '^https?://[^\\s]+$' }));
const text = (description: string) => Type.Optional(Type.String({ description, minLength: 1 }));
const whole = (description: string, otherwise: number, minimum: number, maximum: number) =>
  Type.Optional(
    Type.String({ description, default: String(otherwise), pattern: '^[0-9]+$', minimum, maximum }),
  );

/** One property a variable. A whole number has its bounds beside it. */
export const SETTINGS = Type.Object({
  WEB_ORIGIN: url(
    'Where the documentation, the panel and the API answer. Default: the port of this machine.',
  ),
  RUN_ORIGIN: url(
    'Where handlers answer. Default: the port after it, at `127.0.0.1`, whose cookies are not those of `localhost`.',
  ),
  DOCS_ORIGIN: url('Where the documentation is, for links in problems. Default: `WEB_ORIGIN`.'),
  ALLOWED_ORIGINS: text(
    'More origins whose pages may use a session, parted by commas, such as the panel on a host of its own.',
  ),
  DATA_DIR: text('Where the embedded database, the modules and the key live. Default: `.trisiel`.'),
  DATABASE_URL: Type.Optional(
    Type.String({
      description: 'PostgreSQL 15 or later. Default: PGlite, embedded, in `DATA_DIR`.',
      pattern: '^postgres(ql)?://',
    }),
  ),
  DATABASE_POOL: whole('Connections to PostgreSQL of one process.', 10, 1, 200),
  S3_ENDPOINT: url(
    'An object store that speaks the S3 API, such as `https://s3.us-west-004.backblazeb2.com`. Default: files in `DATA_DIR`.',
  ),
  S3_REGION: text('Its region, such as `us-west-004`. Default: `us-east-1`.'),
  S3_BUCKET: text('The bucket. Needed with `S3_ENDPOINT`.'),
  S3_ACCESS_KEY_ID: text('The key’s id. Needed with `S3_ENDPOINT`.'),
  S3_SECRET_ACCESS_KEY: text('The key. Needed with `S3_ENDPOINT`.'),
  SECRET_KEYS: Type.Optional(
    Type.String({
      description:
        'Keys that values at rest are sealed with: 32 bytes each in base64, parted by commas; the first seals, all open. Default: made at first start, in `DATA_DIR`.',
      pattern: '^[A-Za-z0-9+/]{43}=(,[A-Za-z0-9+/]{43}=)*$',
    }),
  ),
  OIDC_ISSUER: url(
    'The OpenID Connect issuer that people sign in with; with or without the final slash is the same. Default: a local one, for this machine alone.',
  ),
  OIDC_CLIENT_ID: text('The client id that the issuer gave. Needed with `OIDC_ISSUER`.'),
  OIDC_CLIENT_SECRET: text('The client secret that the issuer gave. Needed with `OIDC_ISSUER`.'),
  OIDC_CLIENT_AUTHENTICATION: Type.Optional(
    Type.Enum(['client_secret_post', 'client_secret_basic'], {
      description:
        'How the client sends its secret to the token endpoint: in the body or in the `Authorization` header. Default: in the body, unless the issuer’s metadata lists the header alone.',
    }),
  ),
  OIDC_SCOPE: Type.Optional(
    Type.String({
      description:
        'What is asked for, `openid` among it: the ID token is needed. Default: `openid profile email`.',
      pattern: '(^| )openid( |$)',
    }),
  ),
  OIDC_AUTHORIZATION_ENDPOINT: url(
    'For an issuer without discovery, such as an old Gitea: `…/login/oauth/authorize`.',
  ),
  OIDC_TOKEN_ENDPOINT: url('For an issuer without discovery: `…/login/oauth/access_token`.'),
  OIDC_USERINFO_ENDPOINT: url('For an issuer without discovery: `…/login/oauth/userinfo`.'),
  ADMINS: text(
    'Who administers, from the sign-in on, parted by commas: user names, or `sub:` and the issuer’s subject. Whoever is taken out administers no more, soon after the start. Default: `admin` with the local issuer, else none.',
  ),
  TRUST_PROXY: Type.Optional(
    Type.Union([Type.Literal('true'), Type.Literal('false')], {
      description:
        'Whether a proxy in front gives the caller’s address, last in `X-Forwarded-For`. What stands before it is the caller’s own word and is not believed.',
      default: 'false',
    }),
  ),
  METRICS_TOKEN: Type.Optional(
    Type.String({
      description:
        'A bearer token that `/metrics` asks for. Without it, only this machine may ask.',
      minLength: 16,
    }),
  ),
  LOG_LEVEL: Type.Optional(
    Type.Enum(['silent', 'error', 'warn', 'info', 'debug'], {
      description: 'How much is logged. Default: `warn` with the embedded database, else `info`.',
    }),
  ),
  REQUESTS_PER_MINUTE: whole(
    'Requests that one address may make in a minute, signed in or not. Each process counts for itself.',
    1200,
    1,
    1_000_000,
  ),
  LISTEN_HOST: text(
    'The address that ports are opened on. Default: `127.0.0.1`, this machine alone; a container needs `0.0.0.0`.',
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
  JOURNAL_SYNC: Type.Optional(
    Type.Enum(['interval', 'always'], {
      description:
        'When the journal of runs is synced to the disk: twice a second, which outlives a killed process, or before each answer, which outlives a power cut.',
      default: 'interval',
    }),
  ),
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
  PROBATION_PROCESSES: whole('Probation processes of one machine at one time.', 8, 1, 1000),
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
});
