-- What was removed on purpose, so that it is not taken for damage: counts and keyed hashes stay.

create table purge (
  purge_id  integer primary key,
  run_id    integer not null references run,
  scope     text not null check (scope in ('run','keys')),
  state     text not null check (state in ('begun','removed','done')),
  at        text not null,
  done_at   text
);

-- The hashes are made with the store's key secret: a plain hash of something short can be guessed.
create table purged_row (
  row_id       integer primary key,
  purge_id     integer not null references purge,
  key_hash     blob, input_hash blob, output_hash blob
);
create index purged_row_purge on purged_row (purge_id);

-- What is left of an archive; the batch keeps the length, lines and checksum of the whole one. No file when all of it is gone.
create table purged_archive (
  batch_id   integer primary key,
  purge_id   integer not null references purge,
  removed    integer not null,
  file       text, bytes integer, sha256 text, lines integer, raw_bytes integer
);

-- Duplicates whose remote copy is gone; of their archives only the file's name is removed from the books.
create table purged_duplicate (
  remote_id  text primary key,
  purge_id   integer not null references purge,
  at         text not null
) without rowid;

create table purged_remote (
  batch_id  integer primary key,
  purge_id  integer not null references purge,
  at        text not null
);
