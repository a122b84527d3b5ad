-- By which check a version was let in: a version of an older one is checked again before it runs.
alter table versions add column check_version integer not null default 0;
-- Why the newest check refuses what an older one took; null: it does not.
alter table versions add column check_refusal text;
create index versions_check_version on versions (check_version);
