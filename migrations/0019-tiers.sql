-- The server's table of tiers says which there are (server/tiers.ts), and the API accepts no others.
alter table users drop constraint users_tier_check;
alter table users add constraint users_tier_check check (tier >= 0);
