-- The rows of a file target as they were read last, and the exchange of files that is under way.
create table if not exists main.muster_file_state (
    one integer primary key check (one = 1), hash text not null, signature text not null, header blob);
create table if not exists main.muster_file_pending (
    one integer primary key check (one = 1), promotion text not null, action text not null check (action in ('apply', 'rollback')),
    next text not null, next_hash text not null, old_hash text not null);
