-- A token that a token made ends with it: revoking one revokes all that came of it.
alter table tokens add column made_by uuid references tokens (id);
create index tokens_made_by on tokens (made_by) where made_by is not null;
