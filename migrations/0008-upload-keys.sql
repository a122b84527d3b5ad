-- Uploads that were sent with an Idempotency-Key: the same key is the same upload, for a day.
create table upload_keys (
  handler_id uuid not null references handlers (id),
  key text not null,
  -- Of the module and of what it was sent with.
  request_digest bytea not null,
  version_id uuid not null references versions (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (handler_id, key)
);
create trigger upload_keys_updated before update on upload_keys
  for each row execute function set_updated_at();
