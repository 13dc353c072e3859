-- Succeeded requests by tier and model, apart where the row stands at a further tier by now. $1 is the run.
select b.tier, m.name, w.tier > b.tier, count(*), sum(coalesce(t.input_tokens, 0)), sum(coalesce(t.output_tokens, 0)),
       sum(coalesce(t.cache_5m, 0)), sum(coalesce(t.cache_1h, 0)), sum(coalesce(t.cache_read, 0)), sum(coalesce(t.thinking, 0)),
       sum(coalesce(t.cost_pico, 0)), sum(coalesce(t.sync_pico, 0)), sum(t.cost_pico is null)
from batch b
cross join request q on q.batch_id = b.batch_id
cross join result t on t.request_id = q.request_id and t.type = 0
cross join row w on w.row_id = q.row_id
join model m on m.model_id = t.model_id
where b.run_id = $1
group by 1, 2, 3
order by 1, 2, 3
