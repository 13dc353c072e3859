select w.key, w.line, p.stratum, w.state, w.tier, w.reason, e.message, i.input, coalesce(s.output, e.output),
       coalesce(u.requests, 0), coalesce(u.input_tokens, 0), coalesce(u.output_tokens, 0), coalesce(u.cost_pico, 0)
from row w
join picked_row p on p.run_id = w.run_id and p.line = w.line
left join row_input i on i.row_id = w.row_id
left join staging s on s.row_id = w.row_id
left join evidence e on e.row_id = w.row_id
left join (
  select q.row_id, count(*) as requests,
         sum(coalesce(t.input_tokens, 0) + coalesce(t.cache_5m, 0) + coalesce(t.cache_1h, 0) + coalesce(t.cache_read, 0)) as input_tokens,
         sum(coalesce(t.output_tokens, 0)) as output_tokens, sum(coalesce(t.cost_pico, 0)) as cost_pico
  from request q
  join batch b on b.batch_id = q.batch_id
  join result t on t.request_id = q.request_id
  where b.run_id = $1
  group by q.row_id
) u on u.row_id = w.row_id
where w.run_id = $1
order by w.row_id
