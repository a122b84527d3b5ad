-- Who may do what: users, their sessions and tokens, their applications, and what they changed.
-- Names are not qualified: a test gives each run a schema of its own.

create function set_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create trigger schema_migrations_updated before update on schema_migrations
  for each row execute function set_updated_at();

create table users (
  id uuid primary key,
  issuer text not null,
  subject text not null,
  username text not null,
  email text,
  is_admin boolean not null default false,
  tier smallint not null default 0 check (tier between 0 and 2),
  locked_at timestamptz,
  locked_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (issuer, subject)
);
create trigger users_updated before update on users
  for each row execute function set_updated_at();

-- The cookie's secret is kept as its SHA-256: reading this table signs nobody in.
create table sessions (
  id uuid primary key,
  user_id uuid not null references users (id),
  secret_digest bytea not null unique,
  expires_at timestamptz not null,
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sessions_user on sessions (user_id);
create trigger sessions_updated before update on sessions
  for each row execute function set_updated_at();

-- Private halves are sealed with the first of SECRET_KEYS.
create table signing_keys (
  kid text primary key,
  public_jwk jsonb not null,
  sealed_private_jwk bytea not null,
  retired_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- One key signs at a time.
create unique index signing_keys_current on signing_keys ((true)) where retired_at is null;
create trigger signing_keys_updated before update on signing_keys
  for each row execute function set_updated_at();

-- The id is the token's jti.
create table tokens (
  id uuid primary key,
  user_id uuid not null references users (id),
  name text not null,
  scopes text[] not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index tokens_user on tokens (user_id, id);
create trigger tokens_updated before update on tokens
  for each row execute function set_updated_at();

create table applications (
  id uuid primary key,
  user_id uuid not null references users (id),
  purpose text not null,
  status text not null default 'pending' check (status in ('pending', 'approved', 'refused')),
  decided_by uuid references users (id),
  decided_at timestamptz,
  answer text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index applications_pending on applications (user_id) where status = 'pending';
create index applications_by_status on applications (status, id);
create trigger applications_updated before update on applications
  for each row execute function set_updated_at();

-- Rows are only ever added.
create table audit_events (
  id uuid primary key,
  actor_id uuid not null references users (id),
  token_id uuid references tokens (id),
  action text not null,
  -- What was changed, such as {"handler": "…", "name": "…"}; never a value that is secret.
  target jsonb not null,
  address text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index audit_events_actor on audit_events (actor_id, id);
create trigger audit_events_updated before update on audit_events
  for each row execute function set_updated_at();
