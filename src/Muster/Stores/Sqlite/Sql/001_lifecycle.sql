-- Runs, rows, batches, results. States repeat RunStates, RowState, BatchStates; a test compares them.

create table run (
  run_id       integer primary key,
  name         text not null unique,
  tag          text not null unique,
  job          text not null,
  job_version  text not null,
  snapshot     text not null,
  kind         text not null,
  state        text not null check (state in ('reading','running','paused','held','canceling','canceled','done')),
  why          text,
  fingerprint  text not null,
  columns      text not null,
  opened_at    text not null,
  ended_at     text,
  records      integer not null default 0,
  merged       integer not null default 0,
  failed       integer not null default 0
);

-- The books: one line per state, moved in the transaction that moves the rows.
create table ledger (
  run_id  integer not null references run,
  state   integer not null check (state between 0 and 7),
  rows    integer not null check (rows >= 0),
  primary key (run_id, state)
) without rowid;

-- Small and updated in place; the input, which never changes, lives beside it.
create table row (
  row_id   integer primary key,
  run_id   integer not null,
  key      text,
  line     text not null,
  records  integer not null default 1,
  state    integer not null check (state between 0 and 7),
  tier     integer not null default 0,
  attempt  integer not null default 0,
  spent    integer not null default 0,
  tries    integer not null default 0,
  variant  integer not null default 0 check (variant between 0 and 2),
  batch_id integer,
  reason   text
);
create unique index row_key on row (run_id, key) where key is not null;
create index row_pending on row (run_id, tier, row_id) where state = 0;
create index row_aside on row (run_id, state) where state > 2;

create table row_input (
  row_id  integer primary key,
  input   blob not null
);

-- What a person or a re-ask needs: the last message and output of rows that were not accepted.
create table evidence (
  row_id   integer primary key,
  attempt  integer not null,
  message  text,
  output   blob
);

create table staging (
  row_id   integer primary key,
  attempt  integer not null,
  output   blob not null
);

create table batch (
  batch_id       integer primary key,
  name           text not null unique,
  run_id         integer not null references run,
  tier           integer not null,
  state          text not null check (state in ('sealed','sending','unknown','created','ended','archived','settled','withdrawn','lost')),
  nonce          text not null unique,
  requests       integer not null check (requests > 0),
  first_row_id   integer not null,
  last_row_id    integer not null,
  body_bytes     integer not null,
  body_sha256    text not null,
  api_version    text not null,
  reserved_pico  integer not null,
  listed_until   text,
  sealed_at      text not null,
  gate_at        text,
  why            text,
  remote_id      text unique,
  proof          text check (proof in ('reply','count','tag')),
  remote_status  text check (remote_status in ('in_progress','canceling','ended')),
  processing     integer, succeeded integer, errored integer, canceled integer, expired integer,
  created_at     text, expires_at text, ended_at text, archived_at text, cancel_initiated_at text,
  next_poll_at   text,
  archive_file   text, archive_bytes integer, archive_sha256 text, archive_lines integer, archive_raw_bytes integer,
  settled_at     text,
  check ((remote_id is null) = (proof is null))
);
create index batch_run on batch (run_id, batch_id);
create index batch_open on batch (state) where state not in ('settled','withdrawn','lost');

-- Ids that a candidate's tag showed not to be this batch's; they may still be another one's.
create table foreign_batch (
  batch_id   integer not null,
  remote_id  text not null,
  primary key (batch_id, remote_id)
) without rowid;

-- Second remote batches of an intent: what they cost stands here, beside the rows' own cost.
create table duplicate (
  remote_id  text primary key,
  batch_id   integer not null references batch,
  found_at   text not null,
  succeeded  integer, input_tokens integer, output_tokens integer, cache_tokens integer, cost_pico integer, unpriced integer,
  archive_file text, archive_bytes integer, archive_sha256 text, archive_lines integer, archive_raw_bytes integer
) without rowid;

-- One line per (row, attempt), appended at the seal in row order.
create table request (
  request_id  integer primary key,
  batch_id    integer not null,
  row_id      integer not null,
  attempt     integer not null,
  id_part     text
);
create unique index request_batch on request (batch_id, row_id);

create table result (
  request_id   integer primary key,
  type         integer not null check (type between 0 and 3),
  model_id     integer,
  input_tokens integer, output_tokens integer, cache_5m integer, cache_1h integer, cache_read integer, thinking integer,
  cost_pico    integer, sync_pico integer
);

create table model (
  model_id  integer primary key,
  name      text not null unique
);

-- Tokens and money, added in the transaction that inserts the results.
create table usage (
  run_id     integer not null,
  tier       integer not null,
  model_id   integer not null,
  requests   integer not null, input_tokens integer not null, output_tokens integer not null, cache_5m integer not null,
  cache_1h   integer not null, cache_read integer not null, thinking integer not null, cost_pico integer not null,
  sync_pico  integer not null, unpriced integer not null,
  primary key (run_id, tier, model_id)
) without rowid;
