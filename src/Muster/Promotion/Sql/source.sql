drop table if exists temp.muster_source;
create temp table muster_source (key text primary key, hash blob) without rowid;
