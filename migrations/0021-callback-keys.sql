-- Callbacks of asynchronous calls are signed by executors, with keys of their own: whoever breaks out of a guest could
-- otherwise sign tokens.
create table callback_keys (
  kid text primary key,
  public_jwk jsonb not null,
  -- Sealed with the first of SECRET_KEYS.
  sealed_private_jwk bytea not null,
  retired_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index callback_keys_current on callback_keys ((true)) where retired_at is null;
create trigger callback_keys_updated before update on callback_keys
  for each row execute function set_updated_at();

-- What a call is authorized by, of a token that is known: executors may not list tokens.
create function token_owner(token uuid, at timestamptz)
returns table (id uuid, locked_at timestamptz, scopes text[])
language sql stable security definer
begin atomic
  select users.id, users.locked_at, tokens.scopes
  from tokens join users on users.id = tokens.user_id
  where tokens.id = token and tokens.revoked_at is null and tokens.expires_at > at;
end;
revoke all on function token_owner(uuid, timestamptz) from public;
