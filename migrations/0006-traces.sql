-- Whether the system calls of a handler's runs are kept, in order, with each run.

alter table handlers add column keeps_trace boolean not null default false;
