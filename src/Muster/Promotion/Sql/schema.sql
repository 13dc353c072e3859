-- What this target holds besides its data. "seq" orders promotions; "columns" is the JSON list that an image's values follow.
create table if not exists main.muster_promotion (
    seq integer primary key,
    id text not null unique,
    plan_id text not null unique,
    run_id text not null,
    target text not null,
    columns text not null,
    plan_hash text not null,
    actor text not null,
    at text not null,
    state text not null check (state in ('live', 'rolled_back', 'final')),
    stale integer not null default 0,
    inserted integer not null default 0,
    updated integer not null default 0,
    unchanged integer not null default 0,
    conflicts integer not null default 0,
    source_changed integer not null default 0,
    missing integer not null default 0,
    constraint_failed integer not null default 0,
    ended_at text,
    restored integer not null default 0,
    deleted integer not null default 0,
    undo_conflicts integer not null default 0
);

create table if not exists main.muster_promotion_row (
    promotion integer not null references muster_promotion (seq),
    key text not null,
    attempt integer not null,
    op text not null check (op in ('insert', 'update', 'unchanged', 'conflict', 'source_changed', 'missing', 'constraint')),
    detail text,
    before text,
    after text,
    after_hash blob,
    source_hash blob,
    undo text check (undo in ('restored', 'deleted', 'conflict')),
    primary key (promotion, key)
) without rowid;

create index if not exists main.muster_promotion_row_written
    on muster_promotion_row (key, promotion) where op in ('insert', 'update');

create table if not exists main.muster_plan (
    seq integer primary key,
    id text not null unique,
    run_id text not null,
    target text not null,
    columns text not null,
    hash text not null,
    summary text not null
);

create table if not exists main.muster_plan_row (
    plan integer not null,
    key text not null,
    attempt integer not null,
    op text not null,
    detail text,
    changes integer not null,
    before_hash blob,
    after text,
    after_hash blob,
    source_hash blob,
    primary key (plan, key)
) without rowid;
