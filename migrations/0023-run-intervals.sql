-- Figures of finished runs in intervals of a minute, 15 minutes and two hours: of each handler, and of all handlers of an
-- owner. Statistics are read from here, so that they take as long for ten million runs as for none.
create table run_intervals (
  -- A handler, or the owner of all.
  of_id uuid not null,
  -- 60, 900 or 7,200.
  seconds integer not null,
  at timestamptz not null,
  runs bigint not null,
  failures bigint not null,
  gas bigint not null,
  -- {"SLOT": RUNS}: how many runs took how long. A slot is an eighth of a doubling: slot s has from 2^(s/8) ms on.
  durations jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (of_id, seconds, at)
) with (fillfactor = 70);
create index run_intervals_old on run_intervals (seconds, at);
create trigger run_intervals_updated before update on run_intervals
  for each row execute function set_updated_at();

-- Adds up two values of `durations`.
create function add_durations(a jsonb, b jsonb) returns jsonb language sql immutable as $$
  select jsonb_object_agg(slot, runs) from (
    select slot, sum(n::bigint) as runs
    from (select * from jsonb_each_text(a) union all select * from jsonb_each_text(b)) as pairs (slot, n)
    group by slot
  ) as added
$$;

insert into run_intervals (of_id, seconds, at, runs, failures, gas, durations)
select of_id, seconds, at, sum(runs), sum(failures), sum(gas), jsonb_object_agg(slot, runs)
from (
  select of_id, seconds, date_bin(make_interval(secs => seconds), started_at, '1970-01-01Z') as at,
    floor(8 * ln(greatest(wall_ms, 0.001)) / ln(2::float8))::int as slot, count(*) as runs,
    count(*) filter (where status <> 'succeeded' or http_status >= 500) as failures, sum(gas)::bigint as gas
  from executions, lateral (values (owner_id), (handler_id)) as whose (of_id), (values (60), (900), (7200)) as lengths (seconds)
  where status not in ('queued', 'running') and started_at >= now() - seconds * interval '100 seconds'
  group by 1, 2, 3, 4
) as slots
group by 1, 2, 3;

drop index executions_statistics;
