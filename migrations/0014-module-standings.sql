-- How far a module of an owner is trusted not to harm the process that runs it. Without a row it has not run yet.
-- The key has the owner in it: one user's runs must not quarantine the same module of another.
create table module_standings (
  owner_id uuid not null references users (id),
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  state text not null check (state in ('probation', 'trusted', 'quarantined')),
  -- Runs in probation that harmed nothing.
  good_runs integer not null default 0,
  -- Set by the operator: the state does not change by what happens.
  is_fixed boolean not null default false,
  -- What it did to its process when it was last quarantined.
  reason text check (reason in ('crashed', 'hung', 'memory')),
  quarantined_at timestamptz,
  -- From then on a quarantined module is on probation again.
  retry_at timestamptz,
  quarantines integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (owner_id, digest),
  check (state <> 'quarantined' or (reason is not null and quarantined_at is not null and retry_at is not null))
);
create trigger module_standings_updated before update on module_standings
  for each row execute function set_updated_at();

-- What answered before there was probation goes on as it did.
insert into module_standings (owner_id, digest, state)
select distinct handlers.owner_id, versions.digest, 'trusted'
from versions join handlers on handlers.id = versions.handler_id;
