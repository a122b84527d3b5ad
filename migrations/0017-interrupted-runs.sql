-- A run whose process ended in the middle of it is on record as interrupted.
alter table executions drop constraint executions_status_check;
alter table executions add constraint executions_status_check
  check (status in ('queued', 'running', 'succeeded', 'failed', 'stopped', 'timed-out', 'cancelled', 'interrupted'));
