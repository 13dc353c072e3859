-- What was done and by whom, oldest first. $1 is the run, $2 a row or null for all of them. A decision over many rows is one line, unless it
-- is read for one of them.
select v.event_id, v.at, v.actor, v.kind, w.key, w.line, v.decision_id, v.detail, d.state, d.to_state, d.staged, d.to_output
from review_event v
left join decided_row d on d.decision_id = v.decision_id and d.row_id = coalesce($2, v.row_id)
left join row w on w.row_id = coalesce($2, v.row_id)
where v.run_id = $1
  and ($2 is null or v.row_id = $2
       or (v.row_id is null and exists (select 1 from decided_row o where o.decision_id = v.decision_id and o.row_id = $2)))
order by v.event_id;
