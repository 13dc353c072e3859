-- What people are asked and what they decide. States repeat ReviewState, ReviewKind, Decision, IssueState; a test compares them.

create table issue (
  issue_id          integer primary key,
  job               text not null,
  fingerprint       text not null,
  reason            text not null,
  pointer           text not null,
  example           text not null,
  contract_version  text not null,
  first_seen        text not null,
  last_seen         text not null,
  rows              integer not null check (rows >= 0),
  state             text not null check (state in ('new','triaged','fixing','resolved','accepted','muted','regressed')),
  owner             text,
  note              text,
  rerun_id          text,
  known_change      text,
  muted_until       text,
  muted_above       integer,
  muted_contract    integer not null default 0 check (muted_contract in (0, 1)),
  unique (job, fingerprint)
);

-- Rows of an issue as they were counted in a run: counting the same rows again adds nothing.
create table issue_sighting (
  issue_id  integer not null references issue,
  run_id    integer not null references run,
  rows      integer not null,
  primary key (issue_id, run_id)
) without rowid;

-- One answer of one row that a person decides; an answer of a later attempt is another one.
create table review_item (
  item_id       integer primary key,
  run_id        integer not null references run,
  row_id        integer not null,
  attempt       integer not null,
  kind          text not null check (kind in ('human','quarantine','diff','sample','gold')),
  priority      real not null,
  incl_prob     real not null,
  min_votes     integer not null check (min_votes > 0),
  state         text not null check (state in ('open','decided','escalated')),
  decision      text check (decision in ('accept','edit','reject','rerun','unsure','escalate','waive')),
  opened_at     text not null,
  lease_by      text,
  lease_until   text,
  lease_number  integer not null default 0,
  unique (row_id, attempt),
  check ((lease_by is null) = (lease_until is null)),
  check ((state = 'decided') = (decision is not null))
);
create index review_item_run on review_item (run_id, state, kind);

create table review_vote (
  vote_id    integer primary key,
  item_id    integer not null references review_item,
  reviewer   text not null,
  decision   text not null check (decision in ('accept','edit','reject','rerun','unsure','escalate','waive')),
  edited     blob,
  reason     text,
  note       text,
  seconds    real not null,
  is_blind   integer not null check (is_blind in (0, 1)),
  at         text not null,
  undone_at  text,
  check ((decision = 'edit') = (edited is not null))
);
create index review_vote_item on review_vote (item_id);

-- What a person did with one row or many, in the transaction that did it. Nothing but its undo ever changes a line.
create table decision (
  decision_id   integer primary key,
  run_id        integer not null references run,
  action        text not null check (action in ('accept','edit','reject','rerun','waive')),
  actor         text not null,
  at            text not null,
  reason        text,
  note          text,
  rows          integer not null,
  restages      integer not null check (restages in (0, 1)),
  item_id       integer references review_item,
  issue_id      integer references issue,
  ended_before  text,
  undone_at     text,
  undone_by     text
);
create index decision_run on decision (run_id);

-- Each row of a decision as it was and as it became. touched: 1 the staged output, 2 the evidence.
create table decided_row (
  decision_id       integer not null references decision,
  row_id            integer not null,
  item_id           integer,
  item_state        text,
  attempt           integer not null,
  state             integer not null check (state between 0 and 7),
  tier              integer not null,
  spent             integer not null,
  tries             integer not null,
  variant           integer not null,
  reason            text,
  touched           integer not null check (touched between 0 and 3),
  staged_attempt    integer,
  staged            blob,
  evidence_attempt  integer,
  message           text,
  output            blob,
  to_state          integer not null check (to_state between 0 and 7),
  to_reason         text,
  to_output         blob,
  unique (row_id, decision_id)
);
create index decided_row_decision on decided_row (decision_id);

-- The audit trail: appended in the transaction of the move that it tells of, never changed.
create table review_event (
  event_id     integer primary key,
  run_id       integer not null references run,
  item_id      integer,
  row_id       integer,
  decision_id  integer,
  kind         text not null check (kind in ('taken','renewed','released','voted','decided','escalated','undone')),
  actor        text not null,
  at           text not null,
  detail       text not null
);
create index review_event_run on review_event (run_id);
