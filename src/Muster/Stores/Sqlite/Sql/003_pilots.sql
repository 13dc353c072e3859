-- Runs over picked rows, and what a pilot that was read unlocks.

-- A full run that was opened although no pilot of its version was locked.
alter table run add column unpiloted integer not null default 0 check (unpiloted in (0, 1));

-- Chosen once, when the run opens: one that was killed goes on with the same rows. No word of a row stands here.
create table pick (
  run_id   integer primary key references run,
  seed     text not null,
  records  integer not null,
  askable  integer not null,
  mix      text not null
);

create table picked_row (
  run_id   integer not null references run,
  record   integer not null,
  line     text not null,
  stratum  integer not null,
  primary key (run_id, record)
) without rowid;

create table pilot_lock (
  job              text not null,
  job_version      text not null,
  run_id           integer not null references run,
  locked_at        text not null,
  who              text not null,
  pass_rate        real not null,
  rows             integer not null,
  eval_set_sha256  text not null,
  primary key (job, job_version)
) without rowid;
