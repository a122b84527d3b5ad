-- Runs of an owner's day that executors have taken to begin them, in blocks; what they do not use they give back.
create table run_days (
  owner_id uuid not null,
  day date not null,
  taken bigint not null,
  -- The last block, so that one statement both takes it and says how many runs it has.
  granted bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (owner_id, day)
);
create trigger run_days_updated before update on run_days
  for each row execute function set_updated_at();

-- Who sent a call: an IPv4 address, or the first 64 bits of an IPv6 address. Each may have a part of an owner's open calls.
alter table calls add column caller text not null default '';
