-- Figures over time are read from this index alone.
create index executions_statistics on executions (owner_id, started_at)
  include (handler_id, status, gas, wall_ms);
