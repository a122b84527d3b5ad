-- A snapshot is stored in two parts. Then metered_digest is that of its code, which versions of several owners may share,
-- and image_digest is that of what its instances begin with. It is null for modules that are not split.
alter table versions add column image_digest text check (image_digest ~ '^[0-9a-f]{64}$');
-- Modules that nothing references are found by digest.
create index versions_image_digest on versions (image_digest) where image_digest is not null;
