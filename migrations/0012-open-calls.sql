-- Calls of an owner that have not ended are counted before another is taken.
create index calls_open on calls (owner_id) where status in ('queued', 'running');
