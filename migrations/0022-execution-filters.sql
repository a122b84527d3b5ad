-- Filters by what most runs are not are read from an index; the others find a page of rows in few runs.
create index executions_status on executions (owner_id, status, id) where status <> 'succeeded';
create index executions_http_class on executions (owner_id, (http_status / 100), id) where http_status / 100 <> 2;

-- A synchronous call has one attempt, whose id is that of the call.
drop index executions_call;
create index executions_call on executions (call_id, attempt) where mode = 'async';
