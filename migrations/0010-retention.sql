-- What nobody needs any more can go: runs, calls, sessions and tokens after a time, deleted handlers, and modules.

-- The audit log outlives the tokens that it names.
alter table audit_events drop constraint audit_events_token_id_fkey;
-- A token that has ended made none that has not.
alter table tokens drop constraint tokens_made_by_fkey;
alter table tokens add foreign key (made_by) references tokens (id) on delete set null;
-- A run may outlive the version that it was of. With the constraint, removing a version would look through all runs.
alter table executions drop constraint executions_version_id_fkey;

-- Of a deleted handler that cannot be restored any more, the row alone is kept, for the usage by day that names it.
alter table handlers add column purged_at timestamptz;
create index handlers_deleted on handlers (deleted_at) where deleted_at is not null;

-- The number of a version that was removed.
alter table activations add column version_number integer;
alter table activations alter column version_id drop not null;

-- Sealing a value anew does not change it, but changes updated_at.
alter table config_values add column set_at timestamptz not null default now();
update config_values set set_at = updated_at;

-- Uploads that were kept, by day: removing versions does not make room for more on the same day.
create table upload_days (
  owner_id uuid not null references users (id),
  day date not null,
  uploads integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (owner_id, day)
);
create trigger upload_days_updated before update on upload_days
  for each row execute function set_updated_at();

-- Modules that perhaps no version refers to. Some time after it was noted, one that is unused is removed from the store.
create table loose_modules (
  digest text primary key check (digest ~ '^[0-9a-f]{64}$'),
  noted_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index loose_modules_noted on loose_modules (noted_at);
create trigger loose_modules_updated before update on loose_modules
  for each row execute function set_updated_at();
create index versions_digest on versions (digest);
create index versions_metered_digest on versions (metered_digest);

-- What is removed is looked for by those that it is named by.
create index handlers_active_version on handlers (active_version_id);
create index activations_version on activations (version_id);
create index upload_keys_version on upload_keys (version_id);
create index calls_handler on calls (handler_id);
create index usage_days_handler on usage_days (handler_id);
