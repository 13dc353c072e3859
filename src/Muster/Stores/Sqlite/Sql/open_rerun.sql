-- The frozen rows become rows of the rerun $1, in source order.
update temp.muster_frozen set new_id = numbered.id
from (select f.row_id, (select coalesce(max(row_id), 0) from row) + row_number() over (order by f.origin_id) as id from temp.muster_frozen f) numbered
where numbered.row_id = muster_frozen.row_id;
insert into row (row_id, run_id, key, line, state)
select f.new_id, $1, f.key, coalesce(f.line, w.line), 0
from temp.muster_frozen f join row w on w.row_id = f.row_id
order by f.new_id;
insert into row_input (row_id, input)
select f.new_id, coalesce(f.input, i.input)
from temp.muster_frozen f join row_input i on i.row_id = f.row_id
order by f.new_id;
insert into rerun_row (row_id, parent_row_id)
select f.new_id, f.origin_id from temp.muster_frozen f order by f.new_id;
