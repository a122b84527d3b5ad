-- Asynchronous calls: what was asked for, and what became of it. Each attempt is a row of executions.

create table calls (
  -- That of the first attempt, and the call_id of all.
  id uuid primary key,
  handler_id uuid not null references handlers (id),
  handler_name text not null,
  owner_id uuid not null references users (id),
  is_private boolean not null,
  status text not null default 'queued'
    check (status in ('queued', 'running', 'succeeded', 'failed', 'stopped', 'timed-out', 'cancelled')),
  method text not null,
  url text not null,
  script_name text not null,
  headers jsonb not null,
  body bytea not null,
  remote_address text not null,
  -- A call with the same key is the same call; the digest is of method, path and body.
  idempotency_key text,
  request_digest bytea not null,
  -- The reply of the attempt that succeeded, without its body, which is that execution's output.
  reply_status integer,
  reply_headers jsonb,
  callback_url text,
  called_back_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index calls_key on calls (handler_id, idempotency_key) where idempotency_key is not null;
-- What a stopped queue left behind is looked for here.
create index calls_unfinished on calls (created_at) where status in ('queued', 'running');
create trigger calls_updated before update on calls
  for each row execute function set_updated_at();
