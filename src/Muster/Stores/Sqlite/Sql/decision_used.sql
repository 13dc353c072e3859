-- Rows of a decision that moved on since, and how. $1 is the decision.
select w.key, w.line, case
  when exists (select 1 from purged_row p where p.row_id = d.row_id) then 'purged'
  when exists (select 1 from decided_row l join decision c on c.decision_id = l.decision_id
               where l.row_id = d.row_id and l.decision_id > d.decision_id and c.undone_at is null) then 'decided'
  else 'asked' end
from decided_row d join row w on w.row_id = d.row_id
where d.decision_id = $1
  and (w.state <> d.to_state or w.attempt <> d.attempt
       or exists (select 1 from purged_row p where p.row_id = d.row_id)
       or exists (select 1 from decided_row l join decision c on c.decision_id = l.decision_id
                  where l.row_id = d.row_id and l.decision_id > d.decision_id and c.undone_at is null))
order by d.row_id;
