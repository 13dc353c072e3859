-- Succeeded requests of rows that stand at a further tier by now. $1 is the run, $2 the tier, $3 the model.
-- Sums without groups: a group by sorts every request first, and holds them.
select count(*), sum(coalesce(t.input_tokens, 0)), sum(coalesce(t.output_tokens, 0)), sum(coalesce(t.cache_5m, 0)), sum(coalesce(t.cache_1h, 0)),
       sum(coalesce(t.cache_read, 0)), sum(coalesce(t.thinking, 0)), sum(coalesce(t.cost_pico, 0)), sum(coalesce(t.sync_pico, 0)), sum(t.cost_pico is null)
from batch b
cross join request q on q.batch_id = b.batch_id
cross join row w on w.row_id = q.row_id and w.tier > b.tier
cross join result t on t.request_id = q.request_id and t.type = 0
where b.run_id = $1 and b.tier = $2 and t.model_id = (select model_id from model where name = $3)
