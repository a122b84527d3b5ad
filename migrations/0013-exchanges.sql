-- {"requestHeaders": [[name, value]], "body": "base64", "replyHeaders": [[name, value]]} of a run whose handler keeps
-- traces; null where it keeps none.
alter table executions add column exchange jsonb;
