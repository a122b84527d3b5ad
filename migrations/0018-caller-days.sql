-- Runs of one caller in an owner's day that executors have taken, in blocks. Only callers with many runs have a row.
create table caller_days (
  owner_id uuid not null,
  -- An IPv4 address, or the first 64 bits of an IPv6 address.
  caller text not null,
  day date not null,
  taken bigint not null,
  -- The last block, so that one statement both takes it and says how many runs it has.
  granted bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (owner_id, caller, day)
);
create trigger caller_days_updated before update on caller_days
  for each row execute function set_updated_at();
