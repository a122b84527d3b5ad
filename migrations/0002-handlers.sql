-- What is deployed: handlers, their versions, which of them answers, and what they are given.

create table handlers (
  id uuid primary key,
  owner_id uuid not null references users (id),
  name text not null check (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  description text not null default '',
  mode text not null default 'sync' check (mode in ('sync', 'async')),
  is_private boolean not null default false,
  policy text,
  active_version_id uuid,
  version_count integer not null default 0,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- A name is unique among the living.
create unique index handlers_name on handlers (name) where deleted_at is null;
create index handlers_owner on handlers (owner_id, id);
create trigger handlers_updated before update on handlers
  for each row execute function set_updated_at();

create table versions (
  id uuid primary key,
  handler_id uuid not null references handlers (id),
  number integer not null,
  -- SHA-256 of the submitted module, and of the metered one, in hexadecimal: their keys in the object store.
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  metered_digest text not null check (metered_digest ~ '^[0-9a-f]{64}$'),
  bytes integer not null,
  -- What the module imports and declares, as it was checked.
  report jsonb not null,
  note text not null default '',
  created_by uuid not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (handler_id, number)
);
create trigger versions_updated before update on versions
  for each row execute function set_updated_at();

alter table handlers add foreign key (active_version_id) references versions (id);

-- Which version answered from when on, and who said so.
create table activations (
  id uuid primary key,
  handler_id uuid not null references handlers (id),
  version_id uuid not null references versions (id),
  activated_by uuid not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index activations_handler on activations (handler_id, id);
create trigger activations_updated before update on activations
  for each row execute function set_updated_at();

-- Values are sealed with AES-256-GCM, bound to their handler and key.
create table config_values (
  handler_id uuid not null references handlers (id),
  key text not null,
  sealed_value bytea not null,
  set_by uuid not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (handler_id, key)
);
create trigger config_values_updated before update on config_values
  for each row execute function set_updated_at();
