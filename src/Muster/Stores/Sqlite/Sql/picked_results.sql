-- A pilot is judged by what the job did: a row that people accepted or edited stands as it stood before they did, and one whose accepted answer
-- they refused does not pass. $1 is the run.
select w.key, w.line, p.stratum,
       case when w.state <> 2 or h.row_id is null then w.state when h.state <> 2 then h.state when h.refused then 6 else 2 end,
       w.tier,
       case when w.state <> 2 or h.row_id is null then w.reason when h.state <> 2 then h.reason when h.refused then 'HUM.REJECTED' end, e.message, i.input, coalesce(s.output, e.output),
       coalesce(u.requests, 0), coalesce(u.input_tokens, 0), coalesce(u.output_tokens, 0), coalesce(u.cost_pico, 0),
       l.last, w.state, case when h.state = 2 then coalesce(l.staged, s.output) end
from row w
join picked_row p on p.run_id = w.run_id and p.line = w.line
left join row_input i on i.row_id = w.row_id
left join staging s on s.row_id = w.row_id
left join evidence e on e.row_id = w.row_id
left join (
  -- With min() as the only one of its kind, the other columns are those of the first decision.
  select d.row_id, d.attempt, d.state, d.reason, min(d.decision_id), sum(d.state = 2 and c.action in ('edit', 'reject')) > 0 as refused
  from decided_row d join decision c on c.decision_id = d.decision_id
  where c.run_id = $1 and c.undone_at is null
  group by d.row_id, d.attempt
) h on h.row_id = w.row_id and h.attempt = w.attempt
left join (
  -- The first staged output that a decision took away is the job's own.
  select d.row_id, d.attempt, max(d.decision_id) as last,
         (select o.staged from decided_row o join decision a on a.decision_id = o.decision_id
          where o.row_id = d.row_id and o.attempt = d.attempt and a.undone_at is null and o.staged is not null order by o.decision_id limit 1) as staged
  from decided_row d join decision c on c.decision_id = d.decision_id
  where c.run_id = $1 and c.undone_at is null
  group by d.row_id, d.attempt
) l on l.row_id = w.row_id and l.attempt = w.attempt
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
