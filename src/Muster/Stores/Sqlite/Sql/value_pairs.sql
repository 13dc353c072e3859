-- One line a row, counted as it passes: a group by would sort all of them first, and hold them.
-- $1 is the run, $2 the path of the property in the output, $3 the path of the earlier value in the input or null, $4 the known values.
with known(at, value) as materialized (select key, value from json_each($4)),
     pair(before, after) as (
       select case when $3 is null then null else json_extract(cast(i.input as text), $3) end,
              case when json_valid(cast(s.output as text)) then json_extract(cast(s.output as text), $2) end
       from row w
       cross join staging s on s.row_id = w.row_id
       left join row_input i on i.row_id = w.row_id and $3 is not null
       where w.run_id = $1 and w.state = 2)
select coalesce(b.at, case when coalesce(pair.before, '') = '' then -1 else -2 end),
       coalesce(a.at, case when coalesce(pair.after, '') = '' then -1 else -2 end)
from pair
left join known b on b.value = pair.before
left join known a on a.value = pair.after
