-- What was run, and what it used.

create table executions (
  id uuid primary key,
  handler_id uuid not null references handlers (id),
  version_id uuid references versions (id),
  owner_id uuid not null references users (id),
  mode text not null default 'sync' check (mode in ('sync', 'async')),
  -- The same for all attempts of one asynchronous call.
  call_id uuid not null,
  attempt integer not null default 1,
  status text not null
    check (status in ('queued', 'running', 'succeeded', 'failed', 'stopped', 'timed-out', 'cancelled')),
  method text not null,
  path text not null,
  http_status integer,
  exit_code integer,
  -- {"code", "message", "backtrace", "limit", "used"}, as the runtime told it.
  trap jsonb,
  gas bigint not null default 0,
  memory_pages integer not null default 0,
  calls jsonb not null default '{}',
  urls text[] not null default '{}',
  bytes_in bigint not null default 0,
  bytes_out bigint not null default 0,
  wall_ms double precision not null default 0,
  -- Standard output's and standard error's first bytes.
  output bytea not null default '',
  error_output bytea not null default '',
  -- [{"level", "text", "atMs"}], and its text alone, which is searched.
  log jsonb not null default '[]',
  log_text text not null default '',
  trace jsonb,
  started_at timestamptz not null,
  -- Which transaction wrote the row: a tail reads in the order of these, and misses none that commits late.
  written_by xid8 not null default pg_current_xact_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index executions_owner on executions (owner_id, id);
create index executions_handler on executions (handler_id, id);
create index executions_call on executions (call_id, attempt);
create index executions_tail on executions (owner_id, written_by, id);
create trigger executions_updated before update on executions
  for each row execute function set_updated_at();

create table usage_days (
  owner_id uuid not null references users (id),
  handler_id uuid not null references handlers (id),
  day date not null,
  runs bigint not null default 0,
  failures bigint not null default 0,
  gas bigint not null default 0,
  bytes_in bigint not null default 0,
  bytes_out bigint not null default 0,
  wall_ms double precision not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (owner_id, day, handler_id)
);
create trigger usage_days_updated before update on usage_days
  for each row execute function set_updated_at();
