-- Callbacks that are due are looked for every few seconds.
create index calls_callback_due on calls (updated_at) where callback_url is not null and called_back_at is null;
