-- The selected columns bring the table's own types along: a staged value is what the column would make of it.
create temp table muster_stage as
select cast('' as text) as key, 0 as attempt, null as source_hash, null as fault, {{key}} as k, {{stagecolumns}}
from main.{{table}} limit 0;
create temp table muster_last (stage integer primary key, promotion integer not null, promoted integer not null);
create temp table muster_edited (stage integer primary key);
