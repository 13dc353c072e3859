-- Eval sets as runs were opened with them, grades, the baseline that later runs are compared with, and gates that were overruled.
--
-- Gold rows need no table: the gold rows of run 7 are the rows of run -7, kind 'gold', which has its own line in the books, its own rows
-- and its own staging, and whose requests ride in the batches of run 7. No query about run 7 can see them by accident.

-- The body is what the run was opened with, whatever the file says by then; null when a purge took it.
create table eval_set (
  hash     text primary key,
  name     text not null,
  version  integer not null,
  body     blob
) without rowid;

-- The set whose cases an eval run asks, or a full run carries as gold rows; of a judge's run the run whose answers it judges.
create table eval_run (
  run_id      integer primary key references run,
  set_hash    text not null references eval_set,
  judges_run  integer references run
);

-- source: 'eval' the run asked the cases, 'gold' it carried them, 'rows' they are rows of its own. judge: the version of the judge's job.
create table eval_grade (
  grade_id     integer primary key,
  run_id       integer not null references run,
  source       text not null check (source in ('eval','gold','rows')),
  job          text not null,
  job_version  text not null,
  set_name     text not null,
  set_version  integer not null,
  set_hash     text not null,
  judge        text,
  at           text not null,
  grade        text not null
);
create unique index eval_grade_of on eval_grade (run_id, source, set_hash, coalesce(judge, ''));

create table eval_baseline (
  job        text not null,
  set_name   text not null,
  grade_id   integer not null references eval_grade,
  locked_at  text not null,
  who        text not null,
  primary key (job, set_name)
) without rowid;

-- Written before the promotion it lets through.
create table gate_override (
  override_id  integer primary key,
  run_id       integer not null references run,
  at           text not null,
  who          text not null,
  reason       text not null,
  holds        text not null
);
create index gate_override_run on gate_override (run_id);
