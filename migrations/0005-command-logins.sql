-- Sign-in of the command by the browser: codes that are traded for a token once, within two minutes.
create table command_logins (
  id uuid primary key,
  user_id uuid not null references users (id),
  -- The code is kept as its SHA-256, and is good for whoever has the verifier of the challenge alone.
  code_digest bytea not null unique,
  challenge text not null,
  name text not null,
  scopes text[] not null,
  expires_in_days integer not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create trigger command_logins_updated before update on command_logins
  for each row execute function set_updated_at();
