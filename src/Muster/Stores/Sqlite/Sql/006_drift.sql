-- Runs over a frozen selection of an earlier run's rows. The selection's keys are the rows of the rerun.

create table rerun (
  run_id          integer primary key references run,
  parent_run_id   integer not null references run,
  query           text not null,
  rows            integer not null,
  selection_hash  text not null,
  frozen_at       text not null
);
create index rerun_parent on rerun (parent_run_id);

-- Which row of the full run a rerun asks again. By row and not by key: a purge renames keys in one run and not in the other.
create table rerun_row (
  row_id         integer primary key,
  parent_row_id  integer not null
);
create index rerun_row_parent on rerun_row (parent_row_id, row_id);
